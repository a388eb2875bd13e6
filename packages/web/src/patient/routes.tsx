import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { enterArea } from '../app/area-route.ts';
import { rootRoute } from '../app/root-route.tsx';

const area = createRoute({
  getParentRoute: () => rootRoute,
  path: '/me',
  beforeLoad: ({ context, location }) => enterArea(context, 'patient', ['records', 'patient'], location.href),
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
  component: lazyRouteComponent(() => import('./looks-page.tsx'), 'LooksPage'),
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

/** The pages below `/me`. */
export const patientRoutes = area.addChildren([home, record, entry, looks, card, download]);
