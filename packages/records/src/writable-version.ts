import type { KeyObject } from 'node:crypto';
import { EVENT_KIND, type EventKind } from './events/event.ts';
import { sealEvent } from './events/outbox.ts';
import type { PreparedVersion } from './prepare.ts';
import type { WritableVersion } from './sql/write-versions.ts';
import type { Context, WriteResult } from './store.ts';

/**
 * A version with the event that records it.
 *
 * @param key of the version's bucket
 * @param auditKey of the patient's events of its year
 */
export function writable(
  version: PreparedVersion,
  key: KeyObject,
  auditKey: KeyObject,
  outcome: WriteResult['outcome'],
  context: Context,
): WritableVersion {
  const { stored, patient, digest } = version;
  const event = sealEvent(auditKey, patient, {
    kind: kindOf(version, outcome),
    at: stored.lastUpdated,
    context,
    subjects: [`${stored.type}/${stored.id}/_history/${stored.version}`],
    digest,
  });
  return { prepared: version, key, event };
}

/** A Consent that comes into force, or ends, is told as what it is (Consent.status, FHIR R4). */
function kindOf({ stored }: PreparedVersion, outcome: WriteResult['outcome']): EventKind {
  if (outcome === 'deleted') return EVENT_KIND.deleted;
  if (stored.type === 'Consent' && stored.json) {
    const { status } = JSON.parse(stored.json.toString()) as { status?: unknown };
    if (status === 'active') return EVENT_KIND.consentGiven;
    if (status === 'inactive' || status === 'entered-in-error' || status === 'rejected')
      return EVENT_KIND.consentWithdrawn;
  }
  return outcome === 'created' ? EVENT_KIND.created : EVENT_KIND.updated;
}
