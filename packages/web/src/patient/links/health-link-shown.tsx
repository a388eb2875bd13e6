import { Trans, useLingui } from '@lingui/react/macro';
import { Button, CopyButton } from '@mantine/core';
import type { HealthLink } from '../../api/viewing.ts';
import { Icon } from '../../design/icon.tsx';
import { QrCode } from '../../design/qr-code.tsx';
import styles from './links-page.module.css';

/** A link that was just made: it is shown this once. */
export function HealthLinkShown({ link, onDone }: { link: HealthLink & { link: string }; onDone: () => void }) {
  const { t } = useLingui();
  return (
    <div className={styles.made}>
      <div className={styles.qr}>
        <QrCode label={t`The link as a code`} text={link.link} />
      </div>
      <p className={styles.link}>{link.link}</p>
      <p>
        <strong>
          <Trans>It is shown this once. Print it, copy it or let somebody scan it now.</Trans>
        </strong>
      </p>
      <div className={`${styles.actions} no-print`}>
        <CopyButton value={link.link}>
          {({ copied, copy }) => (
            <Button size="md" onClick={copy}>
              {copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}
            </Button>
          )}
        </CopyButton>
        <Button leftSection={<Icon name="print" size={18} />} size="md" variant="default" onClick={() => print()}>
          <Trans>Print</Trans>
        </Button>
        <Button size="md" variant="default" onClick={onDone}>
          <Trans>Done</Trans>
        </Button>
      </div>
    </div>
  );
}
