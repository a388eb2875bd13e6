import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { enterArea } from '../app/area-route.ts';
import { rootRoute } from '../app/root-route.tsx';

const area = createRoute({
  getParentRoute: () => rootRoute,
  path: '/clinic',
  beforeLoad: ({ context, location }) => enterArea(context, 'practitioner', ['records', 'practitioner'], location.href),
  component: lazyRouteComponent(() => import('./frame.tsx'), 'PractitionerFrame'),
});

const home = createRoute({
  getParentRoute: () => area,
  path: '/',
  component: lazyRouteComponent(() => import('./worklist/worklist-page.tsx'), 'WorklistPage'),
});

const find = createRoute({
  getParentRoute: () => area,
  path: '/patients',
  component: lazyRouteComponent(() => import('./find/find-page.tsx'), 'FindPage'),
});

/** What the address of a chart may say beside the page. */
export interface ChartSearch {
  /** The sign-in was renewed in order to break the glass: go on there. */
  glass?: true;
  /** What was just written: `Condition/1`. */
  written?: string;
}

const chart = createRoute({
  getParentRoute: () => area,
  path: '/patients/$patient',
  validateSearch: ({ glass, written }): ChartSearch => ({
    ...((glass === true || glass === 'true') && { glass: true }),
    ...(typeof written === 'string' && /^[A-Z][A-Za-z]{1,40}\/[A-Za-z0-9\-.]{1,64}$/.test(written) && { written }),
  }),
  component: lazyRouteComponent(() => import('./chart/chart-frame.tsx'), 'ChartFrame'),
});

const glance = createRoute({
  getParentRoute: () => chart,
  path: '/',
  component: lazyRouteComponent(() => import('./chart/glance-page.tsx'), 'GlancePage'),
});

const timeline = createRoute({
  getParentRoute: () => chart,
  path: '/timeline',
  component: lazyRouteComponent(() => import('./chart/timeline-page.tsx'), 'TimelinePage'),
});

const results = createRoute({
  getParentRoute: () => chart,
  path: '/results',
  component: lazyRouteComponent(() => import('./results/results-page.tsx'), 'ResultsPage'),
});

const documents = createRoute({
  getParentRoute: () => chart,
  path: '/documents',
  component: lazyRouteComponent(() => import('./chart/documents-page.tsx'), 'DocumentsPage'),
});

const write = createRoute({
  getParentRoute: () => chart,
  path: '/write/$form',
  component: lazyRouteComponent(() => import('./write/write-page.tsx'), 'WritePage'),
});

const entry = createRoute({
  getParentRoute: () => chart,
  path: '/$type/$id',
  component: lazyRouteComponent(() => import('./chart/entry-page.tsx'), 'EntryPage'),
});

/** The pages below `/clinic`. */
export const practitionerRoutes = area.addChildren([
  home,
  find,
  chart.addChildren([glance, timeline, results, documents, write, entry]),
]);
