import { Trans } from '@lingui/react/macro';
import { getRouteApi } from '@tanstack/react-router';
import { Shell } from '../app/shell.tsx';

const route = getRouteApi('/clinic');

/** The frame of the area, with its navigation. */
export function PractitionerFrame() {
  const { account } = route.useRouteContext();
  return (
    <Shell
      account={account}
      area="practitioner"
      layout="workspace"
      sections={[{ to: '/clinic', icon: 'home', label: <Trans>Home</Trans>, exact: true }]}
    />
  );
}
