import { Trans } from '@lingui/react/macro';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Shell } from '../app/shell.tsx';

const route = getRouteApi('/clinic');

/** The frame of the area, with its navigation. A slash goes to the search from anywhere but a field. */
export function PractitionerFrame() {
  const { account } = route.useRouteContext();
  const navigate = useNavigate();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
      event.preventDefault();
      void navigate({ to: '/clinic/patients' });
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [navigate]);
  return (
    <Shell
      account={account}
      area="practitioner"
      layout="workspace"
      sections={[
        { to: '/clinic', icon: 'home', label: <Trans>Worklist</Trans>, exact: true },
        { to: '/clinic/patients', icon: 'people', label: <Trans>Patients</Trans> },
      ]}
    />
  );
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
