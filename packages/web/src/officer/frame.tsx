import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type Section, Shell } from '../app/shell.tsx';
import { useNotices } from '../app/use-notices.ts';
import { useViewing } from '../app/use-viewing.ts';
import { maySee } from './sections.ts';

const route = getRouteApi('/office');

/** The frame of the area, with its navigation. */
export function OfficerFrame() {
  const { account } = route.useRouteContext();
  const viewing = useViewing();
  const reviews = maySee(account, 'reviews');
  const open = useQuery({
    queryKey: ['reviews', 'open'],
    queryFn: ({ signal }) => viewing.reviews('open', signal),
    enabled: reviews,
  });
  useNotices();
  const sections: Section[] = [
    { to: '/office', icon: 'home', label: <Trans>Home</Trans>, exact: true },
    ...(reviews
      ? [
          {
            to: '/office/reviews',
            icon: 'alert',
            label: <Trans>Reviews</Trans>,
            waiting: open.data?.length ?? 0,
          } as const,
        ]
      : []),
    ...(maySee(account, 'disclosures')
      ? [{ to: '/office/disclosures', icon: 'eye', label: <Trans>Disclosures</Trans> } as const]
      : []),
    { to: '/office/ledger', icon: 'seal', label: <Trans>Ledger</Trans> },
    ...(maySee(account, 'accounts')
      ? [{ to: '/office/accounts', icon: 'key', label: <Trans>Accounts</Trans> } as const]
      : []),
    { to: '/office/organisations', icon: 'people', label: <Trans>Organisations</Trans> },
    { to: '/office/policies', icon: 'shield', label: <Trans>Policies</Trans> },
    ...(maySee(account, 'exports')
      ? [{ to: '/office/exports', icon: 'download', label: <Trans>Exports</Trans> } as const]
      : []),
    { to: '/office/system', icon: 'chart', label: <Trans>System</Trans> },
  ];
  return <Shell account={account} area="officer" layout="workspace" sections={sections} />;
}
