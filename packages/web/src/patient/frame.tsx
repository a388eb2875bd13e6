import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useServices } from '../app/services.tsx';
import { type Section, Shell } from '../app/shell.tsx';
import { useNotices } from '../app/use-notices.ts';
import { looksQuery } from '../records/looks.ts';
import { useWaiting } from './approvals/use-requests.ts';
import { SubjectProvider, useSubject } from './subject.tsx';
import { SubjectMenu } from './subject-menu.tsx';

const route = getRouteApi('/me');

/** The frame of the patient's pages. */
export function PatientFrame() {
  return (
    <SubjectProvider>
      <Framed />
    </SubjectProvider>
  );
}

function Framed() {
  const { account } = route.useRouteContext();
  const { fhir } = useServices();
  const { patientId } = useSubject();
  // who may only read for somebody else neither learns who looked nor decides who may: then there are no such pages
  const looks = useInfiniteQuery(looksQuery(fhir, patientId));
  const waiting = useWaiting().length;
  useNotices();
  const sections: Section[] = [
    { to: '/me', icon: 'home', label: <Trans>Home</Trans>, exact: true },
    { to: '/me/record', icon: 'record', label: <Trans>My record</Trans> },
    ...(looks.isSuccess
      ? ([
          { to: '/me/sharing', icon: 'share', label: <Trans>Sharing</Trans>, waiting },
          { to: '/me/who-looked', icon: 'eye', label: <Trans>Who looked</Trans> },
        ] as const)
      : []),
    { to: '/me/card', icon: 'card', label: <Trans context="navigation">Emergency</Trans> },
    { to: '/me/download', icon: 'download', label: <Trans>Download</Trans> },
  ];
  return <Shell account={account} area="patient" aside={<SubjectMenu />} layout="reader" sections={sections} />;
}
