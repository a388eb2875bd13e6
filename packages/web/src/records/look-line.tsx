import { Trans, useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { useServices } from '../app/services.tsx';
import { Tag } from '../design/tag.tsx';
import { useFormat } from '../i18n/format.ts';
import { useKindNames } from './kind-names.ts';
import styles from './look-line.module.css';
import { useActNames, usePurposeNames } from './look-names.ts';
import type { Look } from './looks.ts';
import { useRoleNames } from './role-names.ts';
import { inLanguage } from './words.ts';

const MOST_KINDS = 4;

/** One look: who, in which role and where, what, why and when. */
export function LookLine({ look, place, proof }: { look: Look; place?: string | undefined; proof?: ReactNode }) {
  const { i18n } = useLingui();
  const { now } = useServices();
  const format = useFormat();
  const kinds = useKindNames();
  const acts = useActNames();
  const purposes = usePurposeNames();
  const roles = useRoleNames();
  const what = format.list(
    look.types
      .slice(0, MOST_KINDS)
      .map(([type, count]) => (count > 1 ? `${kinds(type)} × ${format.number(count)}` : kinds(type))),
  );
  const where = [look.role && roles(look.role), place].filter(Boolean).join(' · ');
  return (
    <li className={styles.look}>
      <div className={styles.words}>
        <p className={styles.who}>
          <bdi>{inLanguage(look.who, i18n.locale)}</bdi>
          {look.refused && (
            <Tag tone="caution">
              <Trans>Refused</Trans>
            </Tag>
          )}
          {look.act === 'break-glass' && (
            <Tag tone="danger">
              <Trans>Emergency access</Trans>
            </Tag>
          )}
        </p>
        {where !== '' && (
          <p className={styles.what}>
            <bdi>{where}</bdi>
          </p>
        )}
        <p className={styles.what}>{[acts(look.act), what, purposes(look.purpose)].filter(Boolean).join(' · ')}</p>
      </div>
      <div className={styles.end}>
        <time className={styles.when} dateTime={look.at} title={format.dateTime(look.at)}>
          {format.ago(look.at, now())}
        </time>
        {proof}
      </div>
    </li>
  );
}
