import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { ApiError } from '../api/http.ts';
import { Icon } from './icon.tsx';
import styles from './state.module.css';

/** Where something failed: a sentence in the reader's language, what the server says, and another try where it helps. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const sentence = useErrorSentence(error);
  const detail = error instanceof ApiError && error.status >= 400 && error.status < 500 ? error.message : undefined;
  return (
    <div className={styles.state} role="alert">
      <span className={styles.icon} data-tone="danger">
        <Icon name="alert" size={28} />
      </span>
      <p className={styles.words}>{sentence}</p>
      {detail !== undefined && (
        <p className={styles.detail} lang="en">
          {detail}
        </p>
      )}
      {onRetry && isWorthAnotherTry(error) && (
        <Button className={styles.retry} variant="default" onClick={onRetry}>
          <Trans>Try again</Trans>
        </Button>
      )}
    </div>
  );
}

/** What an error means to the reader. */
export function useErrorSentence(error: unknown): string {
  const { t } = useLingui();
  if (!(error instanceof ApiError)) return t`Something went wrong on this page. Load it again.`;
  switch (error.status) {
    case 0:
      return t`The server did not answer. Check your connection and try again.`;
    case 401:
      return t`Your sign-in has ended. Sign in again.`;
    case 403:
      return t`You may not see this.`;
    case 404:
    case 410:
      return t`This is not here, or not for you to see.`;
    case 409:
    case 412:
      return t`Somebody else has changed this in the meantime. Load it again before you change it.`;
    case 429:
      return t`Too many requests at once. Wait a moment and try again.`;
    default:
      return error.status >= 500
        ? t`The server could not do this. It is not your fault; try again later.`
        : t`The server did not accept this.`;
  }
}

function isWorthAnotherTry(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status === 429 || error.status >= 500;
}
