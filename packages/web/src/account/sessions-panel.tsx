import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useServices } from '../app/services.tsx';
import { ErrorState } from '../design/error-state.tsx';
import { Panel } from '../design/panel.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useFormat } from '../i18n/format.ts';
import { plain } from '../records/words.ts';
import type { SignInSession } from './account-api.ts';
import styles from './account-page.module.css';
import { Failure } from './again.tsx';
import { useAccountClient } from './use-account-client.ts';

/** Where one is signed in; each place can be signed out from here. */
export function SessionsPanel() {
  const client = useAccountClient();
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: ({ signal }) => client.sessions(signal) });
  return (
    <Panel title={<Trans>Where you are signed in</Trans>}>
      {sessions.isPending && <Skeleton lines={1} />}
      {sessions.isError && <ErrorState error={sessions.error} onRetry={() => void sessions.refetch()} />}
      <ul>
        {sessions.data?.map((session) => (
          <SessionLine key={session.id} session={session} />
        ))}
      </ul>
    </Panel>
  );
}

function SessionLine({ session }: { session: SignInSession }) {
  const { t } = useLingui();
  const { now } = useServices();
  const format = useFormat();
  const client = useAccountClient();
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => client.endSession(session.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  });
  const methods: Readonly<Record<string, string>> = {
    pwd: t`with a password`,
    otp: t`and a code`,
    hwk: t`with a passkey`,
    swk: t`with a passkey`,
    user: t`confirmed on the device`,
    mfa: t`two factors`,
  };
  const how = format.list([...new Set(session.methods.map((method) => methods[method] ?? method))]);
  return (
    <li className={styles.line}>
      <div>
        <p className={styles.name}>
          {session.signedIn === undefined ? <Trans>Signed in</Trans> : format.ago(session.signedIn, now())}
        </p>
        <p className={styles.meta}>
          {[how, format.list(session.apps.map((app) => plain(app)))].filter(Boolean).join(' · ')}
        </p>
        <Failure error={end.error} />
      </div>
      <Button loading={end.isPending} size="md" variant="default" onClick={() => end.mutate()}>
        <Trans>Sign out there</Trans>
      </Button>
    </li>
  );
}
