import type { EventKind } from '../events/event.ts';
import type { Context } from '../store.ts';

/** What a vault keeps: JSON, at most 256 KB as text. */
export type VaultContent = { readonly [name: string]: unknown };

/** A sealed document as it is kept: small things that are not FHIR resources (accounts, sessions, requests, grants). */
export interface VaultDocument<Content extends VaultContent = VaultContent> {
  id: string;
  content: Content;
  /** 1, 2, 3 …: for compare and swap. */
  revision: number;
  /** Epoch milliseconds; undefined: for ever. Expired documents are as good as gone at once. */
  expires: number | undefined;
}

/** An event of the ledger that is committed together with what it is about. */
export interface VaultEvent {
  kind: EventKind;
  /** Logical id of the Patient in whose chain it stands; undefined: nobody's. */
  patientId?: string;
  context: Context;
  subjects: readonly string[];
}

/** One change of a vault. Several are carried out together, with their events, or none is. */
export type VaultChange =
  | {
      op: 'put';
      kind: VaultKind;
      id: string;
      content: VaultContent;
      /** Under which texts it is found again; only their keyed tokens are stored. At most 16. */
      lookups?: readonly string[];
      /** Epoch milliseconds. */
      expires?: number;
      /** The revision that must stand; 0: there must be none yet; undefined: whatever. */
      revision?: number;
      /** Sealed under this patient's key, so that it goes when the patient is erased. Always the same for one id. */
      patientId?: string;
    }
  | { op: 'remove'; kind: VaultKind; id: string; revision?: number };

/** Numbers on disk are given in one table beside the implementation; names are only ever added. */
export type VaultKind =
  | 'account'
  | 'credential'
  | 'session'
  | 'oidc'
  | 'client'
  | 'viewing-request'
  | 'viewing-grant'
  | 'access-code'
  | 'health-link'
  | 'preferences'
  | 'notice'
  | 'review'
  | 'dead-letter'
  | 'other';

/** Sealed small documents. Nothing of them can be read in the database. */
export interface Vault {
  get<Content extends VaultContent>(kind: VaultKind, id: string): Promise<VaultDocument<Content> | undefined>;
  /**
   * Newest change first; at most `limit` (100 by default, 1,000 at most).
   *
   * @param after the id of the last document of the page before
   */
  find<Content extends VaultContent>(
    kind: VaultKind,
    lookup: string,
    limit?: number,
    after?: string,
  ): Promise<VaultDocument<Content>[]>;
  /** Carries out all changes and commits their events, or throws: `VaultConflict` where a revision is not what stands. */
  change(changes: readonly VaultChange[], events?: readonly VaultEvent[]): Promise<void>;
  /** Told (kind, id) of every committed change, of this process before `change` resolves, of others by LISTEN/NOTIFY. */
  onChanged(listener: (kind: VaultKind, id: string) => void): () => void;
  /** Deletes what has expired; at most `limit` documents. */
  sweep(limit: number): Promise<number>;
}

/** A document was changed meanwhile: read it again and decide again. */
export class VaultConflict extends Error {
  constructor() {
    super('This was changed by somebody else meanwhile; load it again and retry.');
    this.name = 'VaultConflict';
  }
}
