import { Trans, useLingui } from '@lingui/react/macro';
import { lazy, Suspense } from 'react';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { Tag } from '../../design/tag.tsx';
import { useFormat } from '../../i18n/format.ts';
import type { Language } from '../../i18n/language.ts';
import { useFlagNames } from '../../records/kind-names.ts';
import { flagOf, observationValue, referenceRangeText } from '../../records/summary.ts';
import { trendOf } from '../../records/trend.ts';
import { EntryLink } from '../chart/entry-link.tsx';
import styles from './results-page.module.css';
import type { ResultSeries } from './series.ts';

const TrendChart = lazy(async () => ({ default: (await import('../../design/trend-chart.tsx')).TrendChart }));

const MOST_ROWS = 60;

/** One test over time: the chart with the usual range shaded, and every value below it. */
export function TrendPanel({ series, title }: { series: ResultSeries; title: string }) {
  const { t, i18n } = useLingui();
  const format = useFormat();
  const flags = useFlagNames();
  const trend = trendOf(series.all, series.newest);
  const [first, last] = [trend.points[0], trend.points.at(-1)];
  const [from, to] = [first, last].map((point) => format.date(new Date(point?.at ?? 0).toISOString()));
  const [oldest, newest] = [first, last].map((point) => format.number(point?.value ?? 0));
  const count = trend.points.length;
  const range = referenceRangeText(series.newest.referenceRange, i18n.locale);
  return (
    <div className={styles.trend}>
      <Panel title={<bdi>{title}</bdi>}>
        {range !== '' && (
          <p className={styles.faint}>
            <Trans>Usual range {range}, shaded</Trans>
          </p>
        )}
        {count > 1 && (
          <>
            <Suspense fallback={<Skeleton height={240} lines={1} />}>
              <TrendChart
                height={240}
                high={trend.high}
                language={i18n.locale as Language}
                low={trend.low}
                points={trend.points}
                summary={t`${count} values, from ${oldest} on ${from} to ${newest} on ${to}`}
                unit={trend.unit}
              />
            </Suspense>
            <p className={styles.hint}>
              <Trans>Drag to zoom, double-click to see all.</Trans>
            </p>
          </>
        )}
        <ul aria-label={t`All values`} className={styles.values}>
          {series.all.slice(0, MOST_ROWS).map((observation) => {
            const flag = flagOf(observation);
            return (
              <li key={observation.id}>
                <EntryLink id={observation.id ?? ''} type="Observation">
                  <span className={styles.one}>
                    <span>{format.dateTime(observation.effectiveDateTime)}</span>
                    <span className={styles.value}>
                      {flag && <Tag tone={flag === 'critical' ? 'danger' : 'caution'}>{flags[flag]}</Tag>}
                      <bdi className="number">{observationValue(observation, i18n.locale)}</bdi>
                    </span>
                  </span>
                </EntryLink>
              </li>
            );
          })}
        </ul>
      </Panel>
    </div>
  );
}
