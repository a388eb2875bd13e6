import { useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { Sparkline } from '../design/sparkline.tsx';
import { Tag } from '../design/tag.tsx';
import { useFormat } from '../i18n/format.ts';
import type { Series } from './glance.ts';
import { useFlagNames } from './kind-names.ts';
import styles from './latest-results.module.css';
import { flagOf, observationValue } from './summary.ts';
import { conceptText } from './words.ts';

/** The newest value of each kind, with the shape of how it went. `to` is a route with `$type` and `$id`. */
export function LatestResults({ series, to }: { series: readonly Series[]; to: string }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const flags = useFlagNames();
  return (
    <ul className={styles.results}>
      {series.map(({ newest, values }) => {
        const flag = flagOf(newest);
        const params = { type: 'Observation', id: newest.id ?? '' };
        return (
          <li key={newest.id}>
            <Link className={styles.result} params={params} to={to}>
              <span className={styles.name}>
                <bdi>{conceptText(newest.code, i18n.locale)}</bdi>
                <span className={styles.when}>{format.date(newest.effectiveDateTime)}</span>
              </span>
              <Sparkline values={values} />
              <span className={styles.value}>
                <bdi className="number">{observationValue(newest, i18n.locale)}</bdi>
                {flag && <Tag tone={flag === 'critical' ? 'danger' : 'caution'}>{flags[flag]}</Tag>}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
