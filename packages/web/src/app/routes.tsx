import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { officerRoutes } from '../officer/routes.tsx';
import { patientRoutes } from '../patient/routes.tsx';
import { practitionerRoutes } from '../practitioner/routes.tsx';
import { enterSignedIn } from './area-route.ts';
import { rootRoute } from './root-route.tsx';

const welcome = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: ({ context }) => context.languages.load('sign-in'),
  component: lazyRouteComponent(() => import('../sign-in/welcome-page.tsx'), 'WelcomePage'),
});

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in/$uid',
  // where the identity provider of the house has sent the browser back
  validateSearch: ({ external }): { external?: 'done' | 'refused' } =>
    external === 'done' || external === 'refused' ? { external } : {},
  beforeLoad: ({ context }) => context.languages.load('sign-in'),
  component: lazyRouteComponent(() => import('../sign-in/sign-in-page.tsx'), 'SignInPage'),
});

const signedIn = createRoute({
  getParentRoute: () => rootRoute,
  path: '/signed-in',
  beforeLoad: ({ context }) => context.languages.load('sign-in'),
  component: lazyRouteComponent(() => import('../sign-in/signed-in-page.tsx'), 'SignedInPage'),
});

const account = createRoute({
  getParentRoute: () => rootRoute,
  path: '/account',
  beforeLoad: ({ context, location }) => enterSignedIn(context, ['records', 'account'], location.href),
  component: lazyRouteComponent(() => import('../account/account-page.tsx'), 'AccountPage'),
});

/** Every page. Each area lists its own; their code is loaded when they are visited. */
export const routeTree = rootRoute.addChildren([
  welcome,
  signIn,
  signedIn,
  account,
  patientRoutes,
  practitionerRoutes,
  officerRoutes,
]);
