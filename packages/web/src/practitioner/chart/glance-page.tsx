import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { FhirResource } from 'fhir/r4';
import type { ReactNode } from 'react';
import { useServices } from '../../app/services.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { glanceOf } from '../../records/glance.ts';
import { LatestResults } from '../../records/latest-results.tsx';
import { summaryOf } from '../../records/summary.ts';
import { SummaryCard } from '../../records/summary-card.tsx';
import { FindingsList } from '../safety/findings-list.tsx';
import { useSafety } from '../safety/use-safety.ts';
import { useChart } from './chart.tsx';
import { EntryLink } from './entry-link.tsx';
import styles from './glance-page.module.css';
import { MedicationList } from './medication-list.tsx';

/** What one must know before the patient sits down: problems, what is taken of both medicines, results, what is new. */
export function GlancePage() {
  const { now } = useServices();
  const { patientId, record } = useChart();
  if (record.more) return <Skeleton height={120} lines={4} />;
  // half a record must not say that there is nothing
  if (!record.complete) return <ErrorState error={record.error} onRetry={record.retry} />;
  const glance = glanceOf(record.entries, now());
  return (
    <div className={styles.grid}>
      <Safety patientId={patientId} />
      <Panel title={<Trans>Problems</Trans>}>
        <Entries empty={<Trans>No lasting problems are written down.</Trans>} resources={glance.conditions} />
      </Panel>
      <Panel title={<Trans>Medication of both medicines</Trans>}>
        <MedicationList medicines={glance.medicines} />
      </Panel>
      <Panel
        actions={
          <Link params={{ patient: patientId }} to="/clinic/patients/$patient/results">
            <Trans>All results</Trans>
          </Link>
        }
        title={<Trans>Latest results</Trans>}
      >
        {glance.results.length === 0 ? (
          <p className={styles.empty}>
            <Trans>No results yet.</Trans>
          </p>
        ) : (
          <LatestResults series={glance.results} to="/clinic/patients/$patient/$type/$id" />
        )}
      </Panel>
      {glance.planned.length > 0 && (
        <Panel title={<Trans>Coming up</Trans>}>
          <Entries resources={glance.planned} withTime />
        </Panel>
      )}
      <Panel
        actions={
          <Link params={{ patient: patientId }} to="/clinic/patients/$patient/timeline">
            <Trans>Timeline</Trans>
          </Link>
        }
        title={<Trans>Newest</Trans>}
      >
        <Entries resources={glance.newest} withTime />
      </Panel>
    </div>
  );
}

/** What the two medicines do together; nothing where nothing was found. */
function Safety({ patientId }: { patientId: string }) {
  const safety = useSafety(patientId);
  if (safety.isError) {
    return (
      <Panel title={<Trans>Safety of the medication</Trans>}>
        <ErrorState error={safety.error} onRetry={() => void safety.refetch()} />
      </Panel>
    );
  }
  if (!safety.data || safety.data.length === 0) return null;
  return (
    <Panel title={<Trans>Safety of the medication</Trans>}>
      <FindingsList findings={safety.data} />
    </Panel>
  );
}

function Entries({
  resources,
  empty,
  withTime = false,
}: {
  resources: readonly FhirResource[];
  empty?: ReactNode;
  withTime?: boolean;
}) {
  const { i18n } = useLingui();
  if (resources.length === 0) return <p className={styles.empty}>{empty}</p>;
  return (
    <ul className={styles.entries}>
      {resources.map((resource) => {
        const summary = summaryOf(resource, i18n.locale);
        return (
          <li key={`${summary.type}/${summary.id}`}>
            <EntryLink id={summary.id} type={summary.type}>
              <SummaryCard summary={summary} withTime={withTime} />
            </EntryLink>
          </li>
        );
      })}
    </ul>
  );
}
