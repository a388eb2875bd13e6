import { Trans, useLingui } from '@lingui/react/macro';
import { Switch, Table } from '@mantine/core';
import { useMemo, useState } from 'react';
import { EmptyState } from '../../design/empty-state.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { Sparkline } from '../../design/sparkline.tsx';
import { Tag } from '../../design/tag.tsx';
import { useFormat } from '../../i18n/format.ts';
import { useFlagNames } from '../../records/kind-names.ts';
import { observationValue, referenceRangeText } from '../../records/summary.ts';
import { conceptText } from '../../records/words.ts';
import { useChart } from '../chart/chart.tsx';
import styles from './results-page.module.css';
import { type ResultSeries, seriesOf } from './series.ts';
import { TrendPanel } from './trend-panel.tsx';

/** Every measured result: newest and the one before, range, flag and shape; one of them large, with its trend. */
export function ResultsPage() {
  const { t, i18n } = useLingui();
  const { record } = useChart();
  const [words, setWords] = useState('');
  const [flagged, setFlagged] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const series = useMemo(() => seriesOf(record.entries), [record.entries]);
  const needle = words.trim().toLowerCase();
  const shown = series.filter(({ newest, flag }) => {
    if (flagged && flag === undefined) return false;
    return needle === '' || JSON.stringify(newest.code).toLowerCase().includes(needle);
  });
  const open = series.find(({ key }) => key === chosen) ?? shown[0];
  if (series.length === 0) {
    return record.more ? <Skeleton lines={6} /> : <EmptyState icon="flask" title={<Trans>No results yet</Trans>} />;
  }
  return (
    <>
      <h2 className="visually-hidden">
        <Trans>Results</Trans>
      </h2>
      <div className={styles.tools}>
        <div className={styles.search}>
          <SearchField label={t`Search results`} value={words} onChange={setWords} />
        </div>
        <Switch
          checked={flagged}
          label={t`Only out of range`}
          onChange={(event) => setFlagged(event.currentTarget.checked)}
        />
      </div>
      <div className={styles.split}>
        <div className={styles.table}>
          <Table aria-label={t`Results`} verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>
                  <Trans>Test</Trans>
                </Table.Th>
                <Table.Th>
                  <Trans>Newest</Trans>
                </Table.Th>
                <Table.Th className={styles.wide}>
                  <Trans>Before</Trans>
                </Table.Th>
                <Table.Th className={styles.wide}>
                  <Trans>Usual range</Trans>
                </Table.Th>
                <Table.Th className={styles.wide}>
                  <Trans>Course</Trans>
                </Table.Th>
                <Table.Th className={styles.date}>
                  <Trans>Date</Trans>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map((one) => (
                <Row isOpen={one === open} key={one.key} series={one} onOpen={() => setChosen(one.key)} />
              ))}
            </Table.Tbody>
          </Table>
          {shown.length === 0 && <EmptyState icon="search" level={3} title={<Trans>Nothing found</Trans>} />}
        </div>
        {open !== undefined && (
          <TrendPanel key={open.key} series={open} title={conceptText(open.newest.code, i18n.locale)} />
        )}
      </div>
    </>
  );
}

function Row({ series, isOpen, onOpen }: { series: ResultSeries; isOpen: boolean; onOpen: () => void }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const flags = useFlagNames();
  const { newest, previous, flag, values } = series;
  return (
    <Table.Tr className={styles.row} data-open={isOpen} onClick={onOpen}>
      <Table.Td>
        <button aria-pressed={isOpen} className={styles.test} type="button">
          <bdi>{conceptText(newest.code, i18n.locale)}</bdi>
        </button>
      </Table.Td>
      <Table.Td>
        <span className={styles.value}>
          <bdi className="number">{observationValue(newest, i18n.locale)}</bdi>
          {flag && <Tag tone={flag === 'critical' ? 'danger' : 'caution'}>{flags[flag]}</Tag>}
        </span>
      </Table.Td>
      <Table.Td className={styles.wide}>
        <bdi className={`${styles.faint} number`}>{previous && observationValue(previous, i18n.locale)}</bdi>
      </Table.Td>
      <Table.Td className={styles.wide}>
        <bdi className={`${styles.faint} number`}>{referenceRangeText(newest.referenceRange, i18n.locale)}</bdi>
      </Table.Td>
      <Table.Td className={styles.wide}>
        <Sparkline values={values} />
      </Table.Td>
      <Table.Td className={styles.date}>{format.date(newest.effectiveDateTime)}</Table.Td>
    </Table.Tr>
  );
}
