import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { enterArea } from '../app/area-route.ts';
import { rootRoute } from '../app/root-route.tsx';

const area = createRoute({
  getParentRoute: () => rootRoute,
  path: '/me',
  beforeLoad: ({ context, location }) =>
    enterArea(context, 'patient', ['records', 'patient', 'sharing'], location.href),
  component: lazyRouteComponent(() => import('./frame.tsx'), 'PatientFrame'),
});

const home = createRoute({
  getParentRoute: () => area,
  path: '/',
  component: lazyRouteComponent(() => import('./home-page.tsx'), 'HomePage'),
});

const record = createRoute({
  getParentRoute: () => area,
  path: '/record',
  component: lazyRouteComponent(() => import('./record-page.tsx'), 'RecordPage'),
});

const entry = createRoute({
  getParentRoute: () => area,
  path: '/record/$type/$id',
  component: lazyRouteComponent(() => import('./entry-page.tsx'), 'EntryPage'),
});

const looks = createRoute({
  getParentRoute: () => area,
  path: '/who-looked',
  component: lazyRouteComponent(() => import('./who-looked/looks-page.tsx'), 'LooksPage'),
});

const card = createRoute({
  getParentRoute: () => area,
  path: '/card',
  component: lazyRouteComponent(() => import('./card-page.tsx'), 'CardPage'),
});

const download = createRoute({
  getParentRoute: () => area,
  path: '/download',
  component: lazyRouteComponent(() => import('./download-page.tsx'), 'DownloadPage'),
});

const sharing = createRoute({
  getParentRoute: () => area,
  path: '/sharing',
  component: lazyRouteComponent(() => import('./sharing/frame.tsx'), 'SharingFrame'),
});

const rules = createRoute({
  getParentRoute: () => sharing,
  path: '/',
  component: lazyRouteComponent(() => import('./sharing/sharing-page.tsx'), 'SharingPage'),
});

const requests = createRoute({
  getParentRoute: () => sharing,
  path: '/requests',
  component: lazyRouteComponent(() => import('./approvals/requests-page.tsx'), 'RequestsPage'),
});

const links = createRoute({
  getParentRoute: () => sharing,
  path: '/links',
  component: lazyRouteComponent(() => import('./links/links-page.tsx'), 'LinksPage'),
});

const proxies = createRoute({
  getParentRoute: () => sharing,
  path: '/proxies',
  component: lazyRouteComponent(() => import('./proxies/proxies-page.tsx'), 'ProxiesPage'),
});

const notices = createRoute({
  getParentRoute: () => sharing,
  path: '/notices',
  component: lazyRouteComponent(() => import('./notifications/notifications-page.tsx'), 'NotificationsPage'),
});

const seeAs = createRoute({
  getParentRoute: () => area,
  path: '/sharing/as/$type/$id',
  // what to call the person until the server is asked; shown, and sent nowhere
  validateSearch: ({ name }): { name?: string } => (typeof name === 'string' ? { name } : {}),
  component: lazyRouteComponent(() => import('./sharing/see-as-page.tsx'), 'SeeAsPage'),
});

/** The pages below `/me`. */
export const patientRoutes = area.addChildren([
  home,
  record,
  entry,
  looks,
  card,
  download,
  sharing.addChildren([rules, requests, links, proxies, notices]),
  seeAs,
]);
