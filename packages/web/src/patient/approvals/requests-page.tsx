import { Trans } from '@lingui/react/macro';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { GrantsPanel } from './grants-panel.tsx';
import { RequestCard } from './request-card.tsx';
import { useRequests } from './use-requests.ts';

const MOST_OLD = 20;

/** Who asks to see the record, who may at the moment, and what was decided before. */
export function RequestsPage() {
  const requests = useRequests();
  if (requests.isPending) return <Skeleton lines={3} />;
  if (requests.isError) return <ErrorState error={requests.error} onRetry={() => void requests.refetch()} />;
  const waiting = requests.data.filter(({ state }) => state === 'waiting');
  const old = requests.data.filter(({ state }) => state !== 'waiting').slice(0, MOST_OLD);
  return (
    <>
      <Panel title={<Trans>Waiting for you</Trans>}>
        {waiting.length === 0 ? (
          <EmptyState icon="check" title={<Trans>Nobody is waiting</Trans>}>
            <Trans>Who wants to see more than you allow asks you here. A new request appears at once.</Trans>
          </EmptyState>
        ) : (
          <ul aria-live="polite">
            {waiting.map((request) => (
              <RequestCard key={request.id} request={request} />
            ))}
          </ul>
        )}
      </Panel>
      <GrantsPanel />
      {old.length > 0 && (
        <Panel title={<Trans>Decided</Trans>}>
          <ul>
            {old.map((request) => (
              <RequestCard key={request.id} request={request} />
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}
