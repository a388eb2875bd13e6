import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useViewing } from '../../app/use-viewing.ts';
import { ErrorState } from '../../design/error-state.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { useSubject } from '../subject.tsx';
import { NoticesPanel } from './notices-panel.tsx';
import { PreferencesForm } from './preferences-form.tsx';

/** What the patient was told, and how to be told. */
export function NotificationsPage() {
  const viewing = useViewing();
  const { patientId } = useSubject();
  const preferences = useQuery({
    queryKey: ['preferences', patientId],
    queryFn: ({ signal }) => viewing.preferences(patientId, signal),
  });
  return (
    <>
      <NoticesPanel />
      <Panel title={<Trans>When and how to tell me</Trans>}>
        {preferences.isPending && <Skeleton lines={3} />}
        {preferences.isError && <ErrorState error={preferences.error} onRetry={() => void preferences.refetch()} />}
        {preferences.data && <PreferencesForm key={patientId} patientId={patientId} start={preferences.data} />}
      </Panel>
    </>
  );
}
