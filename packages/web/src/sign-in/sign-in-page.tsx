import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { useServices } from '../app/services.tsx';
import { ErrorState } from '../design/error-state.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { ConfirmForm } from './confirm-form.tsx';
import { FrontFrame } from './front-frame.tsx';
import { InteractionApi, type Step } from './interaction-api.ts';
import { LoginForm } from './login-form.tsx';

const route = getRouteApi('/sign-in/$uid');

/** The sign-in of the server: who you are, or what an application may do. */
export function SignInPage() {
  const { uid } = route.useParams();
  const { http } = useServices();
  const api = useMemo(() => new InteractionApi(http, uid), [http, uid]);
  const [failure, setFailure] = useState<unknown>();
  const { external } = route.useSearch();
  useEffect(() => {
    if (external === 'done') api.finishExternal().then(follow, setFailure);
  }, [api, external]);
  const interaction = useQuery({
    queryKey: ['interaction', uid],
    queryFn: ({ signal }) => api.read(signal),
    retry: false,
  });
  return (
    <FrontFrame>
      {interaction.isPending && <Skeleton height={56} lines={4} />}
      {failure !== undefined && <ErrorState error={failure} />}
      {interaction.isError && <Expired error={interaction.error} />}
      {interaction.data &&
        (interaction.data.prompt === 'login' ? (
          <LoginForm api={api} interaction={interaction.data} onStep={follow} />
        ) : (
          <ConfirmForm api={api} interaction={interaction.data} onStep={follow} />
        ))}
    </FrontFrame>
  );
}

/** The server names the way on, which may lead to another application; anything but http(s) is not followed. */
function follow(step: Step): void {
  if (!('redirect' in step)) return;
  const url = new URL(step.redirect, location.origin);
  if (url.protocol === 'https:' || url.protocol === 'http:') location.assign(url.href);
}

function Expired({ error }: { error: unknown }) {
  const { session } = useServices();
  return (
    <>
      <ErrorState error={error} />
      <p>
        <button type="button" onClick={() => void session.signIn('/')}>
          <Trans>Begin the sign-in again</Trans>
        </button>
      </p>
    </>
  );
}
