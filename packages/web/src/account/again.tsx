import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { ApiError } from '../api/http.ts';
import { useServices } from '../app/services.tsx';
import { useErrorSentence } from '../design/error-state.tsx';
import styles from './account-page.module.css';

/** What went wrong with a change; where the server asks for a fresh sign-in, the way there. */
export function Failure({ error }: { error: unknown }) {
  const { session } = useServices();
  const sentence = useErrorSentence(error);
  if (error === null || error === undefined) return null;
  if (error instanceof ApiError && error.status === 401) {
    return (
      <p className={styles.failure} role="alert">
        <Trans>For your safety, sign in again before you change this.</Trans>{' '}
        <Button size="sm" variant="default" onClick={() => void session.signIn('/account', 'login')}>
          <Trans>Sign in again</Trans>
        </Button>
      </p>
    );
  }
  return (
    <p className={styles.failure} role="alert">
      {error instanceof ApiError ? sentence : <Trans>It was not done.</Trans>}{' '}
      {error instanceof ApiError && error.status >= 400 && error.status < 500 && <span lang="en">{error.message}</span>}
    </p>
  );
}
