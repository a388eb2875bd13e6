import { Plural, Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import type { HealthLink } from '../../api/viewing.ts';
import { Tag } from '../../design/tag.tsx';
import { useFormat } from '../../i18n/format.ts';
import { plain } from '../../records/words.ts';
import styles from './links-page.module.css';

/** A link that is good: what for, until when, who has opened it. */
export function HealthLinkLine({ link, busy, onRevoke }: { link: HealthLink; busy: boolean; onRevoke: () => void }) {
  const format = useFormat();
  const iso = (at: number): string => new Date(at).toISOString();
  const until = format.date(iso(link.expires));
  const last = link.uses.at(-1);
  return (
    <li className={styles.line}>
      <div>
        <p className={styles.name}>
          <bdi>{plain(link.label) || format.dateTime(iso(link.created))}</bdi>{' '}
          {link.hasPasscode && (
            <Tag>
              <Trans>With a passcode</Trans>
            </Tag>
          )}
        </p>
        <p className={styles.meta}>
          <Trans>Good until {until}</Trans> ·{' '}
          <Plural _0="not opened yet" one="opened once" other="opened # times" value={link.uses.length} />
        </p>
        {last && (
          <p className={styles.meta}>
            <Trans>
              Last by <bdi>{plain(last.recipient)}</bdi>, {format.dateTime(iso(last.at))}
            </Trans>
          </p>
        )}
      </div>
      <Button color="red" loading={busy} size="md" variant="default" onClick={onRevoke}>
        <Trans>Take back</Trans>
      </Button>
    </li>
  );
}
