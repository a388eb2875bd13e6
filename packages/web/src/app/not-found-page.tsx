import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '../design/empty-state.tsx';

/** An address that is no page. */
export function NotFoundPage() {
  return (
    <main id="main">
      <EmptyState icon="search" level={1} title={<Trans>There is no such page</Trans>}>
        <Link to="/">
          <Trans>Go to the beginning</Trans>
        </Link>
      </EmptyState>
    </main>
  );
}
