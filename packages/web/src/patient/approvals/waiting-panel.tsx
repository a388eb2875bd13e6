import { Trans } from '@lingui/react/macro';
import { Panel } from '../../design/panel.tsx';
import { RequestCard } from './request-card.tsx';
import { useWaiting } from './use-requests.ts';

/** What waits for the patient, to be answered on the spot; nothing where nothing waits. */
export function WaitingPanel() {
  const waiting = useWaiting();
  if (waiting.length === 0) return null;
  return (
    <Panel title={<Trans>Waiting for you</Trans>}>
      <ul>
        {waiting.map((request) => (
          <RequestCard key={request.id} request={request} />
        ))}
      </ul>
    </Panel>
  );
}
