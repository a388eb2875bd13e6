import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useServices } from '../app/services.tsx';
import { PageHeader } from '../design/page-header.tsx';
import { useFormat } from '../i18n/format.ts';
import styles from './office.module.css';
import { StatisticsPanel } from './reviews/statistics-panel.tsx';
import { maySee } from './sections.ts';

const route = getRouteApi('/office');

/** Where the area begins: how the house is, and what waits. */
export function HomePage() {
  const { t } = useLingui();
  const { account } = route.useRouteContext();
  const { http } = useServices();
  const format = useFormat();
  const { name } = account;
  const status = useQuery({
    queryKey: ['ledger status'],
    queryFn: ({ signal }) =>
      http.json<{ logged: number; anchored: number; findings: number }>('/ledger/status', { signal }),
    refetchInterval: 5000,
  });
  const { logged = 0, anchored = 0, findings = 0 } = status.data ?? {};
  return (
    <>
      <PageHeader title={<Trans>Good day, {name}</Trans>} />
      {status.data && (
        <ul className={styles.grid}>
          {(
            [
              [logged, t`entries in the ledger`],
              [anchored, t`of them anchored in a chain`],
              [findings, t`damaged things found`],
            ] as const
          ).map(([value, label]) => (
            <li key={label}>
              <Link className={styles.figure} to="/office/ledger">
                <strong className="number">{format.number(value)}</strong>
                <span>{label}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {maySee(account, 'statistics') && <StatisticsPanel />}
    </>
  );
}
