import type { Resource } from '@meridian/fhir';
import type { CriticalAlert, CriticalEvent } from './acknowledgement.ts';
import { nextStep } from './acknowledgement.ts';

/** The code that marks the Tasks of this loop (Meridian's own code system). */
export const CRITICAL_RESULT_TASK = {
  system: 'https://meridian.example/fhir/CodeSystem/clinic-task',
  code: 'acknowledge-critical-result',
} as const;

/**
 * The alert as a FHIR R4 Task: `focus` the result, `for` the patient, `restriction.period.end` when the next step is due;
 * `requested` until somebody was told, `received` while waiting, `completed` when acknowledged, `cancelled` when withdrawn.
 */
export function toTask(alert: CriticalAlert, now: number): Resource {
  const next = nextStep(alert, now);
  const told = alert.events.findLast((event) => event.kind === 'notified');
  const status =
    next.step === 'closed'
      ? next.how === 'acknowledged'
        ? 'completed'
        : 'cancelled'
      : told
        ? 'received'
        : 'requested';
  const end = next.step === 'notify' ? next.due : next.step === 'wait' ? next.until : undefined;
  const owner = next.step === 'closed' && next.how === 'acknowledged' ? next.by : told?.recipients[0];
  return {
    resourceType: 'Task',
    status,
    intent: 'order',
    priority: 'stat',
    code: { coding: [CRITICAL_RESULT_TASK] },
    focus: { reference: alert.result },
    for: { reference: alert.patient },
    authoredOn: alert.found,
    lastModified: alert.events.at(-1)?.at ?? alert.found,
    ...(owner !== undefined && { owner: { reference: owner } }),
    ...(end !== undefined && { restriction: { period: { end } } }),
    ...(next.step === 'closed' && { businessStatus: { text: `${next.how} by ${next.by}` } }),
  };
}

/** One event as a FHIR R4 Communication: who told whom, when, about which result. */
export function toCommunication(alert: CriticalAlert, event: CriticalEvent): Resource {
  const told = event.kind === 'notified';
  const text = told
    ? 'Critical result communicated'
    : event.kind === 'acknowledged'
      ? 'Critical result read back and acknowledged'
      : `Critical result withdrawn: ${event.reason}`;
  return {
    resourceType: 'Communication',
    status: 'completed',
    priority: 'stat',
    subject: { reference: alert.patient },
    about: [{ reference: alert.result }],
    topic: { text },
    sent: event.at,
    sender: { reference: event.by },
    ...(told && {
      recipient: event.recipients.map((reference) => ({ reference })),
      medium: [{ text: event.medium }],
    }),
    ...(event.kind === 'acknowledged' && event.action !== undefined && { note: [{ text: event.action }] }),
  };
}
