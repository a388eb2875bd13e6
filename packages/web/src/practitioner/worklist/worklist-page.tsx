import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Patient } from 'fhir/r4';
import type { ReactNode } from 'react';
import { useServices } from '../../app/services.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { PageHeader } from '../../design/page-header.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { Tag } from '../../design/tag.tsx';
import { useFormat } from '../../i18n/format.ts';
import { useCodeNames } from '../../records/code-names.ts';
import { summaryOf } from '../../records/summary.ts';
import { plain } from '../../records/words.ts';
import { PatientLine } from '../patient-line.tsx';
import { CriticalResult } from './critical-result.tsx';
import { Requests } from './requests.tsx';
import { loadWorklist, type Visit } from './worklist.ts';
import styles from './worklist-page.module.css';

const route = getRouteApi('/clinic');

/** What waits today: critical results, visits, and answers to what was asked. */
export function WorklistPage() {
  const { account } = route.useRouteContext();
  const { fhir, now } = useServices();
  const format = useFormat();
  const practitioner = account.fhirUser ?? '';
  const work = useQuery({
    queryKey: ['worklist', practitioner],
    queryFn: ({ signal }) => loadWorklist(fhir, practitioner, now(), signal),
    refetchInterval: 60_000,
  });
  const today = format.date(new Date(now()).toISOString());
  const name = plain(account.name);
  return (
    <>
      <PageHeader title={<Trans>Worklist</Trans>}>
        <bdi>{name}</bdi> · {today}
      </PageHeader>
      {work.isPending && <Skeleton height={64} lines={5} />}
      {work.isError && <ErrorState error={work.error} onRetry={() => void work.refetch()} />}
      {work.data && (
        <div className={styles.columns}>
          <div>
            {work.data.critical.length > 0 && (
              <Panel title={<Trans>Critical results to acknowledge</Trans>}>
                <ul className={styles.rows}>
                  {work.data.critical.map((task) => (
                    <li key={task.id}>
                      <CriticalResult people={work.data.people} task={task} />
                    </li>
                  ))}
                </ul>
              </Panel>
            )}
            <Panel title={<Trans>Visits, last and next seven days</Trans>}>
              {work.data.visits.length === 0 ? (
                <EmptyState icon="visit" level={3} title={<Trans>No visits</Trans>}>
                  <Link to="/clinic/patients">
                    <Trans>Find a patient</Trans>
                  </Link>
                </EmptyState>
              ) : (
                <ul className={styles.rows}>
                  {work.data.visits.map((visit) => (
                    <li key={`${visit.resource.resourceType}/${visit.resource.id}`}>
                      <VisitRow person={work.data.people.get(visit.patientId)} visit={visit} />
                    </li>
                  ))}
                </ul>
              )}
            </Panel>
          </div>
          <Requests />
        </div>
      )}
    </>
  );
}

function VisitRow({ visit, person }: { visit: Visit; person: Patient | undefined }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const codeName = useCodeNames();
  const { resource, patientId, at } = visit;
  const { title } = summaryOf(resource, i18n.locale);
  const isOpen = resource.status !== 'finished' && resource.status !== 'booked';
  return (
    <Link className={styles.row} params={{ patient: patientId }} to="/clinic/patients/$patient">
      <span className={styles.when}>
        <span>{format.date(at)}</span>
        <span className="number">{format.time(at)}</span>
      </span>
      <span className={styles.who}>
        {person === undefined ? <Unknown /> : <PatientLine patient={person} />}
        <bdi className={styles.reason}>{title}</bdi>
      </span>
      <Tag tone={isOpen ? 'accent' : 'plain'}>
        {resource.status === 'booked' ? <Trans>Booked</Trans> : codeName(resource.status)}
      </Tag>
    </Link>
  );
}

/** Somebody whose record has been closed since. */
function Unknown(): ReactNode {
  return (
    <span className={styles.reason}>
      <Trans>A patient whose record is closed to you</Trans>
    </span>
  );
}
