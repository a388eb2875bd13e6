import { Trans } from '@lingui/react/macro';
import { getRouteApi } from '@tanstack/react-router';
import { PageHeader } from '../design/page-header.tsx';

const route = getRouteApi('/office');

/** Where the area begins. */
export function HomePage() {
  const { account } = route.useRouteContext();
  const { name } = account;
  return <PageHeader title={<Trans>Good day, {name}</Trans>} />;
}
