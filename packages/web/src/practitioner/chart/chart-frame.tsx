import { Trans, useLingui } from '@lingui/react/macro';
import { getRouteApi, Link, Outlet } from '@tanstack/react-router';
import { ApiError } from '../../api/http.ts';
import { useNotices } from '../../app/use-notices.ts';
import { useViewingTokens } from '../../app/use-viewing-tokens.ts';
import { ErrorState } from '../../design/error-state.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { useRecord } from '../../records/use-record.ts';
import { ClosedChart } from '../access/closed-chart.tsx';
import { Banner } from './banner.tsx';
import { ChartProvider } from './chart.tsx';
import styles from './chart-frame.module.css';
import { WriteMenu } from './write-menu.tsx';
import { Written } from './written.tsx';

const area = getRouteApi('/clinic');
const route = getRouteApi('/clinic/patients/$patient');

/** A patient's chart: who it is and what to watch for stays in sight, whatever page of it is open. */
export function ChartFrame() {
  const { patient: patientId } = route.useParams();
  // everything that was typed or loaded belongs to one patient: another patient is another chart
  return <OpenChart key={patientId} patientId={patientId} />;
}

function OpenChart({ patientId }: { patientId: string }) {
  const { account } = area.useRouteContext();
  const { written } = route.useSearch();
  const { t } = useLingui();
  useNotices();
  useViewingTokens(patientId);
  const record = useRecord(patientId);
  const { person } = record;
  if (record.pending) return <Skeleton height={96} lines={4} />;
  if (person === undefined) {
    const isClosed = record.error instanceof ApiError && [403, 404].includes(record.error.status);
    return isClosed || record.error === null ? (
      <ClosedChart account={account} patientId={patientId} />
    ) : (
      <ErrorState error={record.error} onRetry={record.retry} />
    );
  }
  const pages = [
    ['/clinic/patients/$patient', <Trans key="glance">At a glance</Trans>],
    ['/clinic/patients/$patient/timeline', <Trans key="timeline">Timeline</Trans>],
    ['/clinic/patients/$patient/results', <Trans key="results">Results</Trans>],
    ['/clinic/patients/$patient/documents', <Trans key="documents">Notes and documents</Trans>],
  ] as const;
  return (
    <ChartProvider value={{ patientId, person, record, account }}>
      <Banner />
      <div className={styles.bar}>
        <nav aria-label={t`Chart`} className={styles.tabs}>
          {pages.map(([to, label], index) => (
            <Link
              activeOptions={{ exact: index === 0, includeSearch: false }}
              className={styles.tab}
              key={to}
              params={{ patient: patientId }}
              to={to}
            >
              {label}
            </Link>
          ))}
        </nav>
        <WriteMenu />
      </div>
      {written !== undefined && <Written reference={written} />}
      <Outlet />
    </ChartProvider>
  );
}
