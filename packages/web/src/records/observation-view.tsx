import { Trans, useLingui } from '@lingui/react/macro';
import { Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Observation } from 'fhir/r4';
import { lazy, Suspense } from 'react';
import { useServices } from '../app/services.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { Tag } from '../design/tag.tsx';
import { useFormat } from '../i18n/format.ts';
import type { Language } from '../i18n/language.ts';
import { useCodeNames } from './code-names.ts';
import { Facts } from './facts.tsx';
import { useFlagNames } from './kind-names.ts';
import styles from './observation-view.module.css';
import { flagOf, observationValue, referenceRangeText, valueText } from './summary.ts';
import { trendOf, trendSearch } from './trend.ts';
import { codeOf, conceptText, noteTexts, plain, referenceTexts } from './words.ts';

const TrendChart = lazy(async () => ({ default: (await import('../design/trend-chart.tsx')).TrendChart }));

/** A result: the value large, what is usual, the parts of a panel, and how it went over time. */
export function ObservationView({ observation }: { observation: Observation }) {
  const { t, i18n } = useLingui();
  const format = useFormat();
  const flags = useFlagNames();
  const name = useCodeNames();
  const flag = flagOf(observation);
  const value = observationValue(observation, i18n.locale);
  const range = referenceRangeText(observation.referenceRange, i18n.locale);
  return (
    <>
      {value !== '' && (
        <p className={styles.value}>
          <bdi className="number">{value}</bdi>
          {flag && <Tag tone={flag === 'critical' ? 'danger' : 'caution'}>{flags[flag]}</Tag>}
        </p>
      )}
      <Facts
        facts={[
          [t`Usual range`, range],
          [t`Taken`, format.dateTime(observation.effectiveDateTime ?? observation.effectivePeriod?.start)],
          [t`Reported`, format.dateTime(observation.issued)],
          [t`By`, referenceTexts(observation.performer, i18n.locale)],
          [t`Method`, conceptText(observation.method, i18n.locale)],
          [t`State`, name(observation.status)],
          [t`Notes`, noteTexts(observation.note).join('\n\n')],
        ]}
      />
      <Components observation={observation} />
      <Trend observation={observation} />
    </>
  );
}

function Components({ observation }: { observation: Observation }) {
  const { t, i18n } = useLingui();
  const flags = useFlagNames();
  const parts = observation.component ?? [];
  if (parts.length === 0) return null;
  return (
    <Table.ScrollContainer className={styles.parts} minWidth={320}>
      <Table aria-label={t`Parts of this result`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Part</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>Value</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>Usual range</Trans>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {parts.slice(0, MOST_PARTS).map((part) => {
            const flag = flagOf(part);
            return (
              <Table.Tr key={`${codeOf(part.code)} ${plain(part.code.text)}`}>
                <Table.Td>
                  <bdi>{conceptText(part.code, i18n.locale)}</bdi>
                </Table.Td>
                <Table.Td className="number">
                  <bdi>{valueText(part, i18n.locale)}</bdi> {flag && <Tag tone="caution">{flags[flag]}</Tag>}
                </Table.Td>
                <Table.Td className="number">{referenceRangeText(part.referenceRange, i18n.locale)}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const MOST_PARTS = 200;

function Trend({ observation }: { observation: Observation }) {
  const { t, i18n } = useLingui();
  const format = useFormat();
  const { fhir } = useServices();
  const search = trendSearch(observation);
  const others = useQuery({
    queryKey: ['trend', search],
    queryFn: ({ signal }) => fhir.search<Observation>('Observation', search ?? {}, { signal }),
    enabled: search !== undefined,
  });
  const trend = trendOf(others.data?.resources ?? [], observation);
  if (trend.points.length < 2) return null;
  const [first, last] = [trend.points[0], trend.points.at(-1)];
  const count = trend.points.length;
  const from = format.date(new Date(first?.at ?? 0).toISOString());
  const to = format.date(new Date(last?.at ?? 0).toISOString());
  const [oldest, newest] = [format.number(first?.value ?? 0), format.number(last?.value ?? 0)];
  return (
    <section className={styles.trend}>
      <h2>
        <Trans>Over time</Trans>
      </h2>
      <Suspense fallback={<Skeleton height={220} lines={1} />}>
        <TrendChart
          high={trend.high}
          language={i18n.locale as Language}
          low={trend.low}
          points={trend.points}
          summary={t`${count} values, from ${oldest} on ${from} to ${newest} on ${to}`}
          unit={trend.unit}
        />
      </Suspense>
      <details>
        <summary>
          <Trans>All values</Trans>
        </summary>
        <ul className={styles.values}>
          {trend.points.toReversed().map(({ at, value }) => (
            <li key={at}>
              <span>{format.date(new Date(at).toISOString())}</span>
              <span className="number">
                {format.number(value)} {trend.unit}
              </span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
