import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { ApiError } from '../../api/http.ts';
import { useServices } from '../../app/services.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { PageHeader } from '../../design/page-header.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { Tag } from '../../design/tag.tsx';
import { useFormat } from '../../i18n/format.ts';
import styles from '../office.module.css';
import { readMetrics, type Samples, sumOf } from './metrics.ts';

type Readiness = Readonly<Record<string, boolean>>;

const EVERY_MS = 5000;

/** Whether the server can do its work, and how it does. */
export function SystemPage() {
  const { t } = useLingui();
  const { http } = useServices();
  const readiness = useQuery({
    queryKey: ['readiness'],
    queryFn: ({ signal }) => readinessOf(http.json<Readiness>('/readyz', { signal })),
    refetchInterval: EVERY_MS,
  });
  const metrics = useQuery({
    queryKey: ['metrics'],
    queryFn: async ({ signal }) => readMetrics(await http.text('/metrics', { signal })),
    refetchInterval: EVERY_MS,
  });
  const names: Readonly<Record<string, string>> = {
    database: t`Database answers`,
    migrations: t`Database is up to date`,
    disk: t`Room on the disk`,
    keys: t`Keys can be used`,
  };
  return (
    <>
      <PageHeader title={<Trans>System</Trans>}>
        <Trans>Whether the server can do its work, at this moment.</Trans>
      </PageHeader>
      {readiness.isPending && <Skeleton lines={2} />}
      {readiness.isError && <ErrorState error={readiness.error} onRetry={() => void readiness.refetch()} />}
      {readiness.data && (
        <Panel title={<Trans>Health</Trans>}>
          <ul>
            {Object.entries(readiness.data).map(([part, good]) => (
              <li className={styles.line} key={part}>
                <span>{names[part] ?? part}</span>
                <Tag tone={good ? 'good' : 'danger'}>{good ? <Trans>Good</Trans> : <Trans>Not good</Trans>}</Tag>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {metrics.data && <Figures samples={metrics.data} />}
    </>
  );
}

/** A server that is not ready says with 503 what it lacks. */
async function readinessOf(asked: Promise<Readiness>): Promise<Readiness> {
  try {
    return await asked;
  } catch (error) {
    const body = error instanceof ApiError && error.status === 503 ? error.body : undefined;
    if (typeof body === 'object' && body !== null && 'database' in body) return body as Readiness;
    throw error;
  }
}

function Figures({ samples }: { samples: Samples }) {
  const { t } = useLingui();
  const { now } = useServices();
  const format = useFormat();
  const of = (name: string): number => sumOf(samples, name) ?? 0;
  const count = of('meridian_http_request_seconds_count');
  const mean = count === 0 ? 0 : (1000 * of('meridian_http_request_seconds_sum')) / count;
  const started = new Date(1000 * of('process_start_time_seconds')).toISOString();
  const figures: readonly (readonly [string, string])[] = [
    [format.ago(started, now()), t`started`],
    [format.number(count), t`requests since then`],
    [`${format.number(mean, 1)} ms`, t`a request on average, streams included`],
    [format.number(of('meridian_faults_total')), t`faults of the server`],
    [format.bytes(of('process_resident_memory_bytes')), t`memory`],
    [format.number(of('meridian_pool_connections')), t`database connections`],
    [format.number(of('meridian_pool_waiting')), t`requests that wait for one`],
    [format.number(of('meridian_ledger_outbox')), t`events that wait for the ledger`],
  ];
  return (
    <Panel title={<Trans>Figures</Trans>}>
      <ul className={styles.grid}>
        {figures.map(([value, name]) => (
          <li className={styles.figure} key={name}>
            <strong className="number">{value}</strong>
            <span>{name}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
