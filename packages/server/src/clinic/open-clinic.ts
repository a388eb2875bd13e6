import { hkdfSync } from 'node:crypto';
import { addTcmProfiles } from '@meridian/clinic';
import type { ProfileRegistry, Terminology } from '@meridian/fhir';
import type { RecordStore, Vault } from '@meridian/records';
import type { Notices, Viewer } from '@meridian/viewing';
import type { ServerKey } from '../access/server-key.ts';
import { Catalogues } from './catalogues.ts';
import { CriticalAlerts } from './critical-alerts.ts';
import { Overrides } from './override.ts';
import { KnownFacts } from './patient-facts.ts';
import type { Wishes } from './release-wishes.ts';

/** What the operations of the clinic work with. */
export interface ClinicServices {
  vault: Vault;
  overrides: Overrides;
  criticalAlerts: CriticalAlerts;
  catalogues: Catalogues;
  wishes: Wishes;
  facts: KnownFacts;
  /** Makes keys of findings about what is withheld, which nobody can guess back. */
  withheldKey: Buffer;
  /** Signs interpretations. */
  signer: Pick<ServerKey, 'id' | 'privateKey'>;
  /** How a reader is shown. */
  nameOf(viewer: Viewer): Promise<{ name: string }>;
}

export interface OpenClinicOptions {
  vault: Vault;
  wishes: Wishes;
  store: RecordStore;
  notices: Pick<Notices, 'tellAccounts'>;
  serverKey: ServerKey;
  profiles: ProfileRegistry;
  terminology: Terminology;
  /** Ids of the accounts that act as a reference, such as `Practitioner/1`. */
  accountsAs(reference: string): Promise<readonly string[]>;
  nameOf: ClinicServices['nameOf'];
  /** Epoch milliseconds. */
  now: () => number;
  onFault(error: unknown): void;
}

/** Loads the clinic's profiles and code systems, and starts its loop of critical results. */
export function openClinic(options: OpenClinicOptions): ClinicServices & { close(): Promise<void> } {
  const { vault, wishes, store, notices, serverKey, accountsAs, nameOf, now, onFault } = options;
  addTcmProfiles(options.profiles, options.terminology);
  const criticalAlerts = new CriticalAlerts({ vault, store, notices, accountsAs, now, onFault });
  const catalogues = new Catalogues(vault);
  const facts = new KnownFacts(store);
  return {
    ...{ vault, criticalAlerts, catalogues, wishes, facts, nameOf },
    overrides: new Overrides(vault, now),
    withheldKey: Buffer.from(hkdfSync('sha256', serverKey.logKey, '', 'meridian withheld findings', 32)),
    signer: serverKey,
    async close() {
      catalogues.close();
      wishes.close();
      facts.close();
      await criticalAlerts.close();
    },
  };
}
