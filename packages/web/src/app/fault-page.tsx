import type { ErrorComponentProps } from '@tanstack/react-router';
import { ErrorState } from '../design/error-state.tsx';

/** Where a page could not be drawn. */
export function FaultPage({ error, reset }: ErrorComponentProps) {
  return (
    <main id="main">
      <ErrorState error={error} onRetry={reset} />
    </main>
  );
}
