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

/** The pages below `/office`. */
export const officerRoutes = area.addChildren([home]);
