import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { useDeferredValue, useMemo, useState } from 'react';
import { EmptyState } from '../design/empty-state.tsx';
import { ErrorState } from '../design/error-state.tsx';
import { PageHeader } from '../design/page-header.tsx';
import type { Tint } from '../design/record-card.tsx';
import { SearchField } from '../design/search-field.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { Timeline } from '../design/timeline.tsx';
import { useFormat } from '../i18n/format.ts';
import { entriesOf, filterEntries, type Wanted } from '../records/entries.ts';
import { SummaryCard } from '../records/summary-card.tsx';
import { useRecord } from '../records/use-record.ts';
import styles from './record-page.module.css';
import { useSubject } from './subject.tsx';

/** The whole record as one timeline, both medicines together, searched as one types. */
export function RecordPage() {
  const { t, i18n } = useLingui();
  const format = useFormat();
  const { patientId } = useSubject();
  const record = useRecord(patientId);
  const [words, setWords] = useState('');
  const [shown, setShown] = useState<Wanted>({ kinds: new Set(), chinese: false });
  const wanted = useDeferredValue(words);
  const entries = useMemo(
    () => entriesOf(record.entries, i18n.locale, format.month),
    [record.entries, i18n.locale, format],
  );
  const found = useMemo(() => filterEntries(entries, wanted, shown), [entries, wanted, shown]);
  return (
    <>
      <PageHeader title={<Trans>My record</Trans>}>
        {record.pending ? undefined : <Plural one="# entry" other="# entries" value={found.length} />}
      </PageHeader>
      <div className={styles.tools}>
        <SearchField label={t`Search my record`} value={words} onChange={setWords} />
        <Kinds wanted={shown} onChange={setShown} />
      </div>
      {record.pending && <Skeleton lines={6} />}
      {record.error !== null && record.error !== undefined && (
        <ErrorState error={record.error} onRetry={record.retry} />
      )}
      {!record.pending && found.length === 0 && !record.more && record.error === null && (
        <EmptyState icon="search" title={<Trans>Nothing found</Trans>}>
          {words === '' && shown.kinds.size === 0 && !shown.chinese ? (
            <Trans>Your record is empty. What your clinics write down appears here at once.</Trans>
          ) : (
            <Trans>No entry has all of these words. Try fewer, or in the other language.</Trans>
          )}
        </EmptyState>
      )}
      <Timeline entries={found} label={t`Entries`}>
        {({ summary }) => (
          <Link className={styles.entry} params={{ type: summary.type, id: summary.id }} to="/me/record/$type/$id">
            <SummaryCard summary={summary} />
          </Link>
        )}
      </Timeline>
      {record.more && !record.pending && <Skeleton lines={2} />}
    </>
  );
}

function Kinds({ wanted, onChange }: { wanted: Wanted; onChange: (wanted: Wanted) => void }) {
  const { t } = useLingui();
  const names: readonly (readonly [Tint, string])[] = [
    ['visit', t`Visits`],
    ['result', t`Results`],
    ['medicine', t`Medicines`],
    ['condition', t`Diagnoses`],
    ['safety', t`Allergies`],
    ['document', t`Documents`],
  ];
  const toggle = (kind: Tint): void => {
    const kinds = new Set(wanted.kinds);
    if (!kinds.delete(kind)) kinds.add(kind);
    onChange({ ...wanted, kinds });
  };
  return (
    <fieldset className={styles.kinds}>
      <legend className="visually-hidden">
        <Trans>Show only</Trans>
      </legend>
      {names.map(([kind, name]) => (
        <button
          aria-pressed={wanted.kinds.has(kind)}
          className={styles.kind}
          key={kind}
          type="button"
          onClick={() => toggle(kind)}
        >
          {name}
        </button>
      ))}
      <button
        aria-pressed={wanted.chinese}
        className={styles.kind}
        type="button"
        onClick={() => onChange({ ...wanted, chinese: !wanted.chinese })}
      >
        <Trans>Chinese medicine</Trans>
      </button>
    </fieldset>
  );
}
