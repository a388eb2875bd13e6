import type { ClientConfig } from 'pg';

/** Name under which the socket of the test database broker is provided to the tests (Vitest `provide`/`inject`). */
export const BROKER_KEY = 'meridianTestDatabase';

/** What the broker tells a test file: whom to ask for databases, and which one to copy. */
export interface BrokerAnswer {
  /** A role that may create databases. */
  admin: ClientConfig;
  /** The owner of the template: the role the tests work as. */
  application: ClientConfig;
  template: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    [BROKER_KEY]: string;
  }
}
