import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { accountQuery } from '../app/area-route.ts';
import { useServices } from '../app/services.tsx';
import { ErrorState } from '../design/error-state.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { AREA_PATHS, areasOf } from '../session/account.ts';
import { SignInError } from '../session/session.ts';
import { FrontFrame } from './front-frame.tsx';

/** Where the server sends the browser back: exchanges the code, and goes on to where the person wanted to be. */
export function SignedInPage() {
  const services = useServices();
  const navigate = useNavigate();
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    const finish = async (): Promise<void> => {
      const query = new URLSearchParams(location.search);
      // the code must not stay in the history
      history.replaceState(history.state, '', '/signed-in');
      const returnTo = await services.session.complete(query);
      const account = await services.queries.fetchQuery(accountQuery(services));
      const area = areasOf(account)[0];
      const home = area === undefined ? '/' : AREA_PATHS[area];
      await navigate({ to: returnTo === '/' ? home : returnTo, replace: true });
    };
    // in development React runs effects twice, but a code is good for once: the second finds no query
    if (location.search !== '') finish().catch(setFailure);
  }, [services, navigate]);
  return (
    <FrontFrame>{failure === undefined ? <Skeleton height={48} lines={3} /> : <Failed error={failure} />}</FrontFrame>
  );
}

function Failed({ error }: { error: unknown }) {
  const { session } = useServices();
  return (
    <>
      {error instanceof SignInError ? (
        <h1>
          <Trans>You are not signed in</Trans>
        </h1>
      ) : (
        <ErrorState error={error} />
      )}
      {error instanceof SignInError && <p lang="en">{error.message}</p>}
      <Button mt="md" onClick={() => void session.signIn('/')}>
        <Trans>Sign in</Trans>
      </Button>
    </>
  );
}
