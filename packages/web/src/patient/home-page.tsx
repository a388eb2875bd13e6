import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { FhirResource } from 'fhir/r4';
import type { ReactNode } from 'react';
import { useServices } from '../app/services.tsx';
import { ErrorState } from '../design/error-state.tsx';
import { PageHeader } from '../design/page-header.tsx';
import { Panel } from '../design/panel.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useFormat } from '../i18n/format.ts';
import { glanceOf } from '../records/glance.ts';
import { LatestResults } from '../records/latest-results.tsx';
import { summaryOf } from '../records/summary.ts';
import { SummaryCard } from '../records/summary-card.tsx';
import { useRecord } from '../records/use-record.ts';
import { shownName } from '../session/names.ts';
import { WaitingPanel } from './approvals/waiting-panel.tsx';
import styles from './home-page.module.css';
import { useSubject } from './subject.tsx';

/** What matters today: what to watch for, what is taken, what is new. */
export function HomePage() {
  const { i18n } = useLingui();
  const { now } = useServices();
  const format = useFormat();
  const { patientId } = useSubject();
  const record = useRecord(patientId);
  if (record.pending || record.more) return <Skeleton height={140} lines={4} />;
  // half a record must not say that there are no allergies
  if (record.person === undefined || !record.complete)
    return <ErrorState error={record.error} onRetry={record.retry} />;
  const { main, other } = shownName(record.person.name, i18n.locale);
  const glance = glanceOf(record.entries, now());
  const years =
    record.person.birthDate === undefined ? 0 : format.years(record.person.birthDate, new Date(now()).toISOString());
  return (
    <>
      <PageHeader title={<bdi>{main}</bdi>}>
        {other !== undefined && <bdi>{other} · </bdi>}
        <Plural one="# year old" other="# years old" value={years} /> ·{' '}
        <Plural one="# entry in this record" other="# entries in this record" value={record.entries.length} />
      </PageHeader>
      <WaitingPanel />
      <div className={styles.grid}>
        <Short
          empty={<Trans>No allergies are written down.</Trans>}
          resources={glance.allergies}
          title={<Trans>Allergies</Trans>}
        />
        <Short
          empty={<Trans>No medicines at the moment.</Trans>}
          resources={glance.medicines}
          title={<Trans>What I take</Trans>}
        />
        <Short
          empty={<Trans>No lasting conditions.</Trans>}
          resources={glance.conditions}
          title={<Trans>What I have</Trans>}
        />
        <Short empty={<Trans>Nothing is planned.</Trans>} resources={glance.planned} title={<Trans>Coming up</Trans>} />
      </div>
      {glance.results.length > 0 && (
        <Panel title={<Trans>Latest results</Trans>}>
          <LatestResults series={glance.results} to="/me/record/$type/$id" />
        </Panel>
      )}
      <Panel
        actions={
          <Link to="/me/record">
            <Trans>Whole record</Trans>
          </Link>
        }
        title={<Trans>New in my record</Trans>}
      >
        <Entries resources={glance.newest} />
      </Panel>
    </>
  );
}

function Short({
  title,
  resources,
  empty,
}: {
  title: ReactNode;
  resources: readonly FhirResource[];
  empty: ReactNode;
}) {
  return (
    <Panel title={title}>
      {resources.length === 0 ? (
        <p className={styles.empty}>{empty}</p>
      ) : (
        <Entries resources={resources} withTime={false} />
      )}
    </Panel>
  );
}

function Entries({ resources, withTime = true }: { resources: readonly FhirResource[]; withTime?: boolean }) {
  const { i18n } = useLingui();
  return (
    <ul className={styles.entries}>
      {resources.map((resource) => {
        const summary = summaryOf(resource, i18n.locale);
        return (
          <li key={`${summary.type}/${summary.id}`}>
            <Link className={styles.entry} params={{ type: summary.type, id: summary.id }} to="/me/record/$type/$id">
              <SummaryCard summary={summary} withTime={withTime} />
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
