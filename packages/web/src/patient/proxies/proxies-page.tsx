import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { ActingPerson } from '../../api/viewing.ts';
import { useServices } from '../../app/services.tsx';
import { useViewing } from '../../app/use-viewing.ts';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { Tag } from '../../design/tag.tsx';
import { useFormat } from '../../i18n/format.ts';
import { inLanguage, plain } from '../../records/words.ts';
import styles from '../links/links-page.module.css';
import { useSubject } from '../subject.tsx';

/** Who may act for the patient: parents until a set age, guardians, attorneys. */
export function ProxiesPage() {
  const viewing = useViewing();
  const { patientId } = useSubject();
  const proxies = useQuery({
    queryKey: ['proxies', patientId],
    queryFn: ({ signal }) => viewing.proxies(patientId, signal),
  });
  if (proxies.isPending) return <Skeleton lines={2} />;
  if (proxies.isError) return <ErrorState error={proxies.error} onRetry={() => void proxies.refetch()} />;
  return (
    <Panel title={<Trans>People who act for me</Trans>}>
      <p className={styles.lead}>
        <Trans>
          Parents, guardians and attorneys are entered by the records office, which sees the papers. What they do in
          your record is written down like what anybody else does.
        </Trans>
      </p>
      {proxies.data.length === 0 ? (
        <EmptyState icon="people" title={<Trans>Nobody acts for you</Trans>} />
      ) : (
        <ul>
          {proxies.data.map((proxy) => (
            <ProxyLine key={`${proxy.name} ${proxy.from}`} proxy={proxy} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function ProxyLine({ proxy }: { proxy: ActingPerson }) {
  const { t, i18n } = useLingui();
  const format = useFormat();
  const { now } = useServices();
  const relations: Readonly<Record<ActingPerson['relation'], string>> = {
    parent: t`Parent`,
    guardian: t`Guardian`,
    attorney: t`Attorney`,
  };
  const scopes: Readonly<Record<ActingPerson['scope'], string>> = {
    read: t`may read`,
    decide: t`may read and decide`,
    'decide-jointly': t`may read, and decide together with others`,
  };
  const over = proxy.until !== undefined && Date.parse(proxy.until) <= now();
  const [from, until] = [format.date(proxy.from), format.date(proxy.until)];
  return (
    <li className={styles.line}>
      <div>
        <p className={styles.name}>
          <bdi>{inLanguage(plain(proxy.name), i18n.locale)}</bdi>{' '}
          <Tag tone={over ? 'plain' : 'accent'}>{over ? t`Ended` : relations[proxy.relation]}</Tag>
        </p>
        <p className={styles.meta}>
          {scopes[proxy.scope]} ·{' '}
          {until === '' ? (
            <Trans>since {from}</Trans>
          ) : (
            <Trans>
              {from} to {until}
            </Trans>
          )}
        </p>
      </div>
    </li>
  );
}
