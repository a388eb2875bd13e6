import type { Viewer } from '../viewer.ts';

/**
 * Who must agree. Every group must reach its number: the patient alone; both guardians; the ethics board and the records
 * officer. One account speaks once, in one group.
 */
export interface ApproverGroup {
  /** For the sentence that tells who is still awaited, such as `patient` or `guardians`. */
  name: string;
  /** `patient-or-proxy`, `account:<id>` (a proxy who may decide, alone or jointly), or `role:<role>`. */
  members: readonly string[];
  needed: number;
}

/** What one approver said. */
export interface Voice {
  account: string;
  group: string;
  /** Epoch milliseconds. */
  at: number;
  decision: 'approve' | 'refuse';
}

/** The patient decides alone, or whoever may decide for them. */
export const PATIENT_DECIDES: readonly ApproverGroup[] = [
  { name: 'patient', members: ['patient-or-proxy'], needed: 1 },
];

/** The first group in which this viewer may speak about this patient's record; undefined: in none. */
export function groupOf(
  viewer: Viewer,
  patientId: string,
  groups: readonly ApproverGroup[],
  now: number,
): string | undefined {
  return groups.find(({ members }) => members.some((member) => isMember(viewer, patientId, member, now)))?.name;
}

function isMember(viewer: Viewer, patientId: string, member: string, now: number): boolean {
  if (member === 'patient-or-proxy') return viewer.patientId === patientId || decidesFor(viewer, patientId, now);
  const [kind, name] = member.split(':', 2);
  if (kind === 'account') return viewer.account === name && decidesFor(viewer, patientId, now, 'decide-jointly');
  return kind === 'role' && (viewer.roles as readonly string[]).includes(name ?? '');
}

/** Whether the viewer may at this moment decide for the patient as a proxy: alone, or (`decide-jointly`) with others. */
export function decidesFor(
  viewer: Viewer,
  patientId: string,
  now: number,
  how: 'decide' | 'decide-jointly' = 'decide',
): boolean {
  return viewer.proxyFor.some(
    (proxy) =>
      proxy.patientId === patientId &&
      (proxy.scope === 'decide' || proxy.scope === how) &&
      proxy.from <= now &&
      (proxy.until === undefined || now < proxy.until),
  );
}

/** One refusal refuses; approval needs every group's number. */
export function outcomeOf(
  groups: readonly ApproverGroup[],
  voices: readonly Voice[],
): 'waiting' | 'approved' | 'refused' {
  if (voices.some(({ decision }) => decision === 'refuse')) return 'refused';
  const complete = groups.every(({ name, needed }) => {
    const accounts = new Set(voices.filter(({ group }) => group === name).map(({ account }) => account));
    return accounts.size >= needed;
  });
  return complete && groups.length > 0 ? 'approved' : 'waiting';
}
