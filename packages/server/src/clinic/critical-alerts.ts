import { createHash, randomUUID } from 'node:crypto';
import {
  type CriticalAlert,
  type CriticalEvent,
  type EscalationPolicy,
  nextStep,
  openAlert,
  recordEvent,
  toCommunication,
  toTask,
} from '@meridian/clinic';
import type { Resource } from '@meridian/fhir';
import {
  type Context,
  EVENT_KIND,
  EVERYTHING,
  type RecordStore,
  type Vault,
  VaultConflict,
  type VaultDocument,
} from '@meridian/records';
import type { Notices } from '@meridian/viewing';
import { refusal } from '../http/http-error.ts';

export interface CriticalAlertsParts {
  vault: Vault;
  store: Pick<RecordStore, 'write' | 'newId'>;
  notices: Pick<Notices, 'tellAccounts'>;
  /** Ids of the accounts that act as a reference, such as `Practitioner/1`. */
  accountsAs(reference: string): Promise<readonly string[]>;
  /** Epoch milliseconds. */
  now: () => number;
  onFault(error: unknown): void;
}

/** An alert as it is kept: the Task and the Communications show it to FHIR. */
interface Kept {
  readonly [name: string]: unknown;
  alert: CriticalAlert;
  taskId: string;
  patientId: string;
}

const OPEN = 'critical-open';
const MOST_OPEN = 1000;
const LOOK = 30_000;
const KEPT_CLOSED = 2 * 365 * 86_400_000;
/** How the loop names itself where FHIR wants a sender. */
export const OURSELVES = 'Device/meridian';

/**
 * The loop of critical results: who has to know is told, one level after the other, until a clinician has taken the result
 * over. An alert is kept before its Task is written, and both are written again where a crash came between: none is lost.
 * Telling comes before it is noted that somebody was told: after a crash somebody may hear twice, and never not at all.
 */
export class CriticalAlerts {
  readonly #parts: CriticalAlertsParts;
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<void> | undefined;

  constructor(parts: CriticalAlertsParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.sweep(), LOOK);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  /**
   * Opens an alert for a result, once for each result and value, and tells the first level.
   *
   * @param value what makes it another result when it is corrected
   */
  async open(result: string, value: string, patientId: string, policy: EscalationPolicy): Promise<void> {
    const { vault, store, now } = this.#parts;
    const id = `critical/${createHash('sha256').update(`${result} ${value}`).digest('hex').slice(0, 32)}`;
    const alert = openAlert(result, `Patient/${patientId}`, new Date(now()).toISOString(), policy);
    const kept: Kept = { alert, taskId: store.newId(patientId), patientId };
    try {
      await vault.change([this.#put(id, kept, 0)]);
    } catch (error) {
      if (error instanceof VaultConflict) return;
      throw error;
    }
    await this.#step({ id, content: kept, revision: 1, expires: undefined });
  }

  /** A clinician takes a result over. Throws 404 for a Task that is no alert, 409 where it is closed, 422 without read-back. */
  async acknowledge(
    taskId: string,
    event: Extract<CriticalEvent, { kind: 'acknowledged' }>,
    context: Context,
  ): Promise<Resource> {
    const [found] = await this.#parts.vault.find<Kept>('other', taskLookup(taskId), 1);
    if (!found) throw refusal(404, 'not-found', 'This Task is not about a critical result.');
    if (nextStep(found.content.alert, this.#parts.now()).step === 'closed') {
      throw refusal(409, 'conflict', 'This critical result has been taken over already.');
    }
    return this.#note(found, event, context);
  }

  /** Tells whoever is due. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep()
      .catch(this.#parts.onFault)
      .finally(() => {
        this.#sweeping = undefined;
      });
    return this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const found = await this.#parts.vault.find<Kept>('other', OPEN, MOST_OPEN);
    for (const document of found) await this.#step(document).catch(this.#parts.onFault);
  }

  async #step(document: VaultDocument<Kept>): Promise<void> {
    const { alert, patientId, taskId } = document.content;
    const next = nextStep(alert, this.#parts.now());
    if (next.step !== 'notify') return;
    const { accountsAs, notices, now } = this.#parts;
    const accounts = await Promise.all(next.recipients.map((recipient) => accountsAs(recipient)));
    await notices.tellAccounts([...new Set(accounts.flat())], {
      kind: 'critical-result',
      patientId,
      about: `Task/${taskId}`,
    });
    const at = new Date(now()).toISOString();
    const told = { kind: 'notified', at, by: OURSELVES, recipients: next.recipients, medium: 'in-app notice' } as const;
    const context = { actor: 'system', purpose: 'TREAT', requestId: randomUUID() };
    await this.#note(document, told, context).catch((error: unknown) => {
      // another process, or the clinician, was faster
      if (!(error instanceof VaultConflict)) throw error;
    });
  }

  async #note(document: VaultDocument<Kept>, event: CriticalEvent, context: Context): Promise<Resource> {
    const { content, id, revision } = document;
    const alert = recordEvent(content.alert, event);
    const kept: Kept = { ...content, alert };
    const { patientId, taskId } = content;
    await this.#parts.vault.change(
      [this.#put(id, kept, revision)],
      [{ kind: EVENT_KIND.notified, patientId, context, subjects: [`Task/${taskId}`] }],
    );
    return this.#show(kept, event, context);
  }

  /** The Task and the Communication of one event, in the name of whoever caused it. */
  async #show({ alert, taskId, patientId }: Kept, event: CriticalEvent, context: Context): Promise<Resource> {
    const { store, now } = this.#parts;
    const all = { ...context, visibility: EVERYTHING };
    const task = { ...toTask(alert, now()), id: taskId };
    await store.write({ op: 'update', resource: task }, all);
    const communication = { ...toCommunication(alert, event), basedOn: [{ reference: `Task/${taskId}` }] };
    await store.write({ op: 'create', id: store.newId(patientId), resource: communication }, all);
    return task;
  }

  #put(id: string, kept: Kept, revision: number): Parameters<Vault['change']>[0][number] {
    const { now } = this.#parts;
    const closed = nextStep(kept.alert, now()).step === 'closed';
    return {
      ...{ op: 'put', kind: 'other', id, content: kept, revision, patientId: kept.patientId },
      lookups: [taskLookup(kept.taskId), ...(closed ? [] : [OPEN])],
      ...(closed && { expires: now() + KEPT_CLOSED }),
    };
  }
}

function taskLookup(taskId: string): string {
  return `critical-task:${taskId}`;
}
