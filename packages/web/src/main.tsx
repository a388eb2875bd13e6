import '@fontsource-variable/figtree/wght.css';
import './design/mantine.css';
import './design/tokens.css';
import './design/base.css';
import { QueryClient } from '@tanstack/react-query';
import { createRouter, RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { FhirClient } from './api/fhir.ts';
import { ApiError, Http } from './api/http.ts';
import { Providers } from './app/providers.tsx';
import { routeTree } from './app/routes.tsx';
import type { Services } from './app/services.tsx';
import { Languages } from './i18n/languages.ts';
import { keptDpopKey } from './session/dpop-key.ts';
import { Session } from './session/session.ts';

const session = new Session({
  origin: location.origin,
  fetch: globalThis.fetch,
  storage: sessionStorage,
  now: Date.now,
  go: (url) => location.assign(url),
  key: keptDpopKey(),
});
const http = new Http(session, globalThis.fetch);
const languages = new Languages(localStorage);
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // what the server refused it will refuse again; a line that broke may be back
      retry: (failures, error) =>
        failures < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
    },
  },
});
const services: Services = { http, fhir: new FhirClient(http), session, languages, queries, now: Date.now };
const router = createRouter({
  routeTree,
  context: services,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingMs: 300,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

await languages.start(navigator.languages);
const root = document.getElementById('app');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Providers services={services}>
        <RouterProvider router={router} />
      </Providers>
    </StrictMode>,
  );
}
