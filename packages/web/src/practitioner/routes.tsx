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
  component: lazyRouteComponent(() => import('./home-page.tsx'), 'HomePage'),
});

/** The pages below `/clinic`. */
export const practitionerRoutes = area.addChildren([home]);
