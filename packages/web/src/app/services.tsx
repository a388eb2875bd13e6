import type { QueryClient } from '@tanstack/react-query';
import { createContext, use } from 'react';
import type { FhirClient } from '../api/fhir.ts';
import type { Http } from '../api/http.ts';
import type { Languages } from '../i18n/languages.ts';
import type { Session } from '../session/session.ts';

/** What pages are given instead of finding it themselves. */
export interface Services {
  http: Http;
  fhir: FhirClient;
  session: Session;
  languages: Languages;
  queries: QueryClient;
  /** Epoch milliseconds. */
  now: () => number;
}

const Context = createContext<Services | undefined>(undefined);

export const ServicesProvider = Context.Provider;

/** The services of the application; only below its provider. */
export function useServices(): Services {
  const services = use(Context);
  if (!services) throw new Error('There is no ServicesProvider above this component.');
  return services;
}
