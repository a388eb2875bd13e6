import { type ConvertedMessage, mergedPatient, type Operation, type V2Identifier } from '@meridian/convert';
import type { Resource } from '@meridian/fhir';
import { MessageRefused } from './receiver.ts';

/** What messages need of the FHIR store. */
export interface MessageStore {
  /**
   * The patients that have this identifier; two are enough to know that it is not one. Merged ones (`link` replaced-by)
   * are left out.
   */
  patientsWith(identifier: V2Identifier): Promise<Resource[]>;
  /** Carries out a transaction; resolves when it is durable. */
  transaction(bundle: Resource): Promise<TransactionOutcome>;
  /** Moves what belongs to the prior patient to the surviving one (Patient/$merge). */
  mergePatients(prior: V2Identifier, surviving: V2Identifier): Promise<void>;
}

/** `conflict`: somebody wrote in between (409, or 412 for If-Match; not 412 for criteria that find several). `refused`: the content will never do; the sentence holds no record text. */
export type TransactionOutcome = { kind: 'stored' } | { kind: 'conflict' } | { kind: 'refused'; sentence: string };

interface Entry {
  resource: Resource;
  request: { method: string; url: string; ifMatch?: string };
}

/** Times that a message is tried again when somebody else wrote the same patient in between. */
const TRIES = 5;

/**
 * How a converted message comes into the store. An update of a patient is joined with what stands (mergedPatient), under
 * the version that was read; everything else goes as the converter made it. Rejects with MessageRefused for what will
 * never do, and with another error for what may do later.
 */
export function submitTo(store: MessageStore): (converted: ConvertedMessage) => Promise<void> {
  return async ({ bundle, operations }) => {
    for (let attempt = 1; ; attempt++) {
      const outcome = await store.transaction(await joined(bundle, operations, store));
      if (outcome.kind === 'refused') throw new MessageRefused(outcome.sentence);
      if (outcome.kind === 'stored') break;
      if (attempt === TRIES) throw new Error('The patient is being changed by others; the message may be sent again.');
    }
    for (const operation of operations) {
      if (operation.kind === 'merge-patients') await store.mergePatients(operation.prior, operation.surviving);
    }
  };
}

async function joined(bundle: Resource, operations: readonly Operation[], store: MessageStore): Promise<Resource> {
  const entry: Entry[] = [];
  for (const each of bundle.entry as Entry[]) {
    const isUpdate = each.resource.resourceType === 'Patient' && each.request.method === 'PUT';
    entry.push(isUpdate ? await joinedEntry(each, operations, store) : each);
  }
  return { ...bundle, entry };
}

async function joinedEntry(entry: Entry, operations: readonly Operation[], store: MessageStore): Promise<Entry> {
  const identifier = identifierIn(entry.request.url);
  const [stored, second] = await store.patientsWith(identifier);
  if (second) {
    throw new MessageRefused('Two patients have the identifier of this message; merge them, then replay the message.');
  }
  if (!stored?.id) return entry;
  const removed = operations.flatMap((operation) =>
    operation.kind === 'remove-element' && isSame(operation.identifier, identifier) ? [operation.element] : [],
  );
  const resource = mergedPatient(stored, entry.resource, removed);
  const ifMatch = `W/"${stored.meta?.versionId ?? ''}"`;
  return { ...entry, resource, request: { method: 'PUT', url: `Patient/${stored.id}`, ifMatch } };
}

/** The identifier of a conditional update, as the converter wrote it. */
function identifierIn(url: string): V2Identifier {
  const sought = new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('identifier') ?? '';
  const [, system = '', value = ''] = /^((?:[^\\|]|\\.)*)\|(.*)$/s.exec(sought) ?? [];
  const bare = (text: string): string => text.replaceAll(/\\(.)/gs, '$1');
  return { system: bare(system), value: bare(value) };
}

function isSame(a: V2Identifier, b: V2Identifier): boolean {
  return a.system === b.system && a.value === b.value;
}
