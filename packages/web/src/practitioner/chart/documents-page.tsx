import { Trans, useLingui } from '@lingui/react/macro';
import type { FhirResource } from 'fhir/r4';
import { useMemo, useState } from 'react';
import { EmptyState } from '../../design/empty-state.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { useFormat } from '../../i18n/format.ts';
import { RecordView } from '../../records/record-view.tsx';
import { dateOf, summaryOf } from '../../records/summary.ts';
import { useChart } from './chart.tsx';
import styles from './documents-page.module.css';
import { EntryLink } from './entry-link.tsx';
import { isLate } from './late.ts';
import { LateTag } from './late-tag.tsx';

const READABLE: readonly string[] = ['Composition', 'DocumentReference', 'DiagnosticReport'];

/** Notes, letters and reports: the list at the side, the document beside it, so that one reads through them. */
export function DocumentsPage() {
  const { t, i18n } = useLingui();
  const format = useFormat();
  const { record } = useChart();
  const documents = useMemo(
    () =>
      record.entries
        .filter(({ resourceType }) => READABLE.includes(resourceType))
        .sort((a, b) => (dateOf(b) ?? '').localeCompare(dateOf(a) ?? '')),
    [record.entries],
  );
  const [chosen, setChosen] = useState<string>();
  const open = documents.find((one) => keyOf(one) === chosen) ?? documents[0];
  if (documents.length === 0) {
    return record.more ? (
      <Skeleton lines={4} />
    ) : (
      <EmptyState icon="record" title={<Trans>No notes or documents yet</Trans>} />
    );
  }
  return (
    <div className={styles.split}>
      <h2 className="visually-hidden">
        <Trans>Notes and documents</Trans>
      </h2>
      <ul aria-label={t`Documents`} className={styles.list}>
        {documents.map((document) => {
          const { title, detail, date } = summaryOf(document, i18n.locale);
          return (
            <li key={keyOf(document)}>
              <button
                aria-pressed={document === open}
                className={styles.item}
                type="button"
                onClick={() => setChosen(keyOf(document))}
              >
                <bdi className={styles.title}>{title}</bdi>
                <span className={styles.facts}>{[format.date(date), detail].filter(Boolean).join(' · ')}</span>
                {isLate(document) && <LateTag />}
              </button>
            </li>
          );
        })}
      </ul>
      {open !== undefined && (
        <article className={styles.document} key={keyOf(open)}>
          <header className={styles.head}>
            <h3>
              <bdi>{summaryOf(open, i18n.locale).title}</bdi>
            </h3>
            <EntryLink id={open.id ?? ''} type={open.resourceType}>
              <Trans>Proof, versions, amend</Trans>
            </EntryLink>
          </header>
          <RecordView resource={open} />
        </article>
      )}
    </div>
  );
}

function keyOf({ resourceType, id }: FhirResource): string {
  return `${resourceType}/${id}`;
}
