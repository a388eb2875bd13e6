import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { enterArea } from '../app/area-route.ts';
import { rootRoute } from '../app/root-route.tsx';

const area = createRoute({
  getParentRoute: () => rootRoute,
  path: '/office',
  beforeLoad: ({ context, location }) => enterArea(context, 'officer', ['records', 'officer'], location.href),
  component: lazyRouteComponent(() => import('./frame.tsx'), 'OfficerFrame'),
});

const home = createRoute({
  getParentRoute: () => area,
  path: '/',
  component: lazyRouteComponent(() => import('./home-page.tsx'), 'HomePage'),
});

const reviews = createRoute({
  getParentRoute: () => area,
  path: '/reviews',
  component: lazyRouteComponent(() => import('./reviews/reviews-page.tsx'), 'ReviewsPage'),
});

const disclosures = createRoute({
  getParentRoute: () => area,
  path: '/disclosures',
  validateSearch: ({ patient }): { patient?: string } =>
    typeof patient === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(patient) ? { patient } : {},
  component: lazyRouteComponent(() => import('./disclosures/disclosures-page.tsx'), 'DisclosuresPage'),
});

const ledger = createRoute({
  getParentRoute: () => area,
  path: '/ledger',
  component: lazyRouteComponent(() => import('./ledger/ledger-page.tsx'), 'LedgerPage'),
});

const accounts = createRoute({
  getParentRoute: () => area,
  path: '/accounts',
  component: lazyRouteComponent(() => import('./accounts/accounts-page.tsx'), 'AccountsPage'),
});

const organisations = createRoute({
  getParentRoute: () => area,
  path: '/organisations',
  component: lazyRouteComponent(() => import('./directory/organisations-page.tsx'), 'OrganisationsPage'),
});

const policies = createRoute({
  getParentRoute: () => area,
  path: '/policies',
  component: lazyRouteComponent(() => import('./policies/policies-page.tsx'), 'PoliciesPage'),
});

const system = createRoute({
  getParentRoute: () => area,
  path: '/system',
  component: lazyRouteComponent(() => import('./system/system-page.tsx'), 'SystemPage'),
});

const exports = createRoute({
  getParentRoute: () => area,
  path: '/exports',
  component: lazyRouteComponent(() => import('./exports/exports-page.tsx'), 'ExportsPage'),
});

/** The pages below `/office`. */
export const officerRoutes = area.addChildren([
  home,
  reviews,
  disclosures,
  ledger,
  accounts,
  organisations,
  policies,
  exports,
  system,
]);
