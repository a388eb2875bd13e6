import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useDeferredValue, useMemo, useState } from 'react';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import type { Tint } from '../../design/record-card.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { Timeline } from '../../design/timeline.tsx';
import { useFormat } from '../../i18n/format.ts';
import { entriesOf, filterEntries } from '../../records/entries.ts';
import { SummaryCard } from '../../records/summary-card.tsx';
import { useChart } from './chart.tsx';
import { EntryLink } from './entry-link.tsx';
import { isLate } from './late.ts';
import { LateTag } from './late-tag.tsx';
import styles from './timeline-page.module.css';

type Wanted = Tint | 'all' | 'chinese';

/** The whole chart in the order of time, both medicines together, searched as one types. */
export function TimelinePage() {
  const { t, i18n } = useLingui();
  const format = useFormat();
  const { record } = useChart();
  const [words, setWords] = useState('');
  const [wanted, setWanted] = useState<Wanted>('all');
  const typed = useDeferredValue(words);
  const entries = useMemo(
    () => entriesOf(record.entries, i18n.locale, format.month),
    [record.entries, i18n.locale, format],
  );
  const late = useMemo(
    () => new Set(record.entries.filter(isLate).map(({ resourceType, id }) => `${resourceType}/${id}`)),
    [record.entries],
  );
  const found = useMemo(() => {
    const kinds = new Set(wanted === 'all' || wanted === 'chinese' ? [] : [wanted]);
    return filterEntries(entries, typed, { kinds, chinese: wanted === 'chinese' });
  }, [entries, typed, wanted]);
  const kinds: { value: Wanted; label: string }[] = [
    { value: 'all', label: t`All` },
    { value: 'visit', label: t`Visits` },
    { value: 'result', label: t`Results` },
    { value: 'medicine', label: t`Medicines` },
    { value: 'condition', label: t`Problems` },
    { value: 'document', label: t`Documents` },
    { value: 'chinese', label: t`Chinese medicine` },
  ];
  return (
    <>
      <h2 className="visually-hidden">
        <Trans>Timeline</Trans>
      </h2>
      <div className={styles.tools}>
        <SearchField label={t`Search this chart`} value={words} onChange={setWords} />
        <fieldset className={styles.kinds}>
          <legend className="visually-hidden">
            <Trans>Show only</Trans>
          </legend>
          {kinds.map(({ value, label }) => (
            <button
              aria-pressed={value === wanted}
              className={styles.kind}
              key={value}
              type="button"
              onClick={() => setWanted(value)}
            >
              {label}
            </button>
          ))}
        </fieldset>
        <p className={styles.count} role="status">
          <Plural one="# entry" other="# entries" value={found.length} />
        </p>
      </div>
      {record.error !== null && record.error !== undefined && (
        <ErrorState error={record.error} onRetry={record.retry} />
      )}
      {found.length === 0 && !record.more && (
        <EmptyState icon="search" title={<Trans>Nothing found</Trans>}>
          <Trans>No entry has all of these words. Try fewer, or in the other language.</Trans>
        </EmptyState>
      )}
      <Timeline entries={found} label={t`Entries`}>
        {({ summary, key }) => (
          <div className={styles.entry}>
            <EntryLink id={summary.id} type={summary.type}>
              <SummaryCard summary={summary} />
            </EntryLink>
            {late.has(key) && <LateTag />}
          </div>
        )}
      </Timeline>
      {record.more && <Skeleton lines={2} />}
    </>
  );
}
