import { createRootRouteWithContext } from '@tanstack/react-router';
import { FaultPage } from './fault-page.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { RootPage } from './root-page.tsx';
import type { Services } from './services.tsx';

export const rootRoute = createRootRouteWithContext<Services>()({
  component: RootPage,
  errorComponent: FaultPage,
  notFoundComponent: NotFoundPage,
});
