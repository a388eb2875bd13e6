import { Trans } from '@lingui/react/macro';
import { getRouteApi } from '@tanstack/react-router';
import { Shell } from '../app/shell.tsx';

const route = getRouteApi('/office');

/** The frame of the area, with its navigation. */
export function OfficerFrame() {
  const { account } = route.useRouteContext();
  return (
    <Shell
      account={account}
      area="officer"
      layout="workspace"
      sections={[{ to: '/office', icon: 'home', label: <Trans>Home</Trans>, exact: true }]}
    />
  );
}
