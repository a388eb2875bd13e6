/**
 * The loop that a critical result goes through until a clinician has taken it over. A pure state machine: events in, state
 * out; the caller keeps the clock, sends the messages and stores the events (as FHIR Communication and Task, see
 * `acknowledgement-fhir.ts`).
 *
 * What must be on record (date, time, result, who was told, by whom, that it was read back) follows ISO 15189:2022,
 * 7.4.1.3, and the Joint Commission's NPSG.02.03.01. Neither sets minutes: the default policy is this system's
 * own and every laboratory sets its own.
 */

/** A person or group to be told, such as `PractitionerRole/7`. */
export type Recipient = string;

/** Who is told in which order, and how long each has. */
export interface EscalationPolicy {
  levels: readonly { recipients: readonly Recipient[]; minutes: number }[];
}

/** Something that happened to a critical result. `at` is a FHIR instant. */
export type CriticalEvent =
  | { kind: 'notified'; at: string; by: string; recipients: readonly Recipient[]; medium: string }
  | { kind: 'acknowledged'; at: string; by: Recipient; readBack: boolean; action?: string }
  | { kind: 'withdrawn'; at: string; by: string; reason: string };

/** A critical result on its way. */
export interface CriticalAlert {
  /** `Observation/…`. */
  result: string;
  patient: string;
  /** When the result became known. */
  found: string;
  policy: EscalationPolicy;
  events: readonly CriticalEvent[];
}

/** What is to be done next, and by when. */
export type NextStep =
  | { step: 'notify'; level: number; recipients: readonly Recipient[]; due: string; overdue: boolean }
  | { step: 'wait'; level: number; until: string }
  | { step: 'exhausted'; since: string }
  | { step: 'closed'; how: 'acknowledged' | 'withdrawn'; at: string; by: string };

/** The error of an event that does not fit. */
export class AcknowledgementError extends Error {
  override name = 'AcknowledgementError';
}

const MINUTE = 60_000;
const MOST_EVENTS = 100;

/**
 * A new alert.
 *
 * @throws AcknowledgementError if the policy tells nobody, or has a level without time.
 */
export function openAlert(result: string, patient: string, found: string, policy: EscalationPolicy): CriticalAlert {
  const usable = policy.levels.every(({ recipients, minutes }) => recipients.length > 0 && minutes > 0);
  if (policy.levels.length === 0 || !usable) {
    throw new AcknowledgementError('Every level of the escalation policy needs recipients and a number of minutes.');
  }
  if (Number.isNaN(Date.parse(found))) throw new AcknowledgementError('Say when the result was found, as an instant.');
  return { result, patient, found, policy, events: [] };
}

/**
 * The alert with one event more; the events before stay as they are.
 *
 * @throws AcknowledgementError if the alert is closed, the event is older than the last one, a read-back is missing, or
 * there are more than a hundred events.
 */
export function recordEvent(alert: CriticalAlert, event: CriticalEvent): CriticalAlert {
  if (closing(alert)) throw new AcknowledgementError('This alert is closed; open a new one for a new result.');
  if (alert.events.length >= MOST_EVENTS)
    throw new AcknowledgementError('This alert has too many events; call someone.');
  const last = Date.parse(alert.events.at(-1)?.at ?? alert.found);
  if (!(Date.parse(event.at) >= last)) {
    throw new AcknowledgementError('Record events in the order of their time, each with an instant.');
  }
  if (event.kind === 'acknowledged' && !event.readBack) {
    throw new AcknowledgementError('Ask the recipient to read the result back before it counts as acknowledged.');
  }
  return { ...alert, events: [...alert.events, event] };
}

/** What has to happen at the time `now` (milliseconds). */
export function nextStep(alert: CriticalAlert, now: number): NextStep {
  const end = closing(alert);
  if (end) return { step: 'closed', how: end.kind, at: end.at, by: end.by };
  const told = alert.events.filter((event) => event.kind === 'notified');
  const level = alert.policy.levels[told.length];
  const last = told.at(-1);
  const before = alert.policy.levels[told.length - 1];
  const due = last && before ? Date.parse(last.at) + before.minutes * MINUTE : Date.parse(alert.found);
  const at = new Date(due).toISOString();
  if (last && now < due) return { step: 'wait', level: told.length - 1, until: at };
  if (!level) return { step: 'exhausted', since: at };
  return { step: 'notify', level: told.length, recipients: level.recipients, due: at, overdue: now > due };
}

function closing(alert: CriticalAlert): Extract<CriticalEvent, { kind: 'acknowledged' | 'withdrawn' }> | undefined {
  const last = alert.events.at(-1);
  return last && last.kind !== 'notified' ? last : undefined;
}
