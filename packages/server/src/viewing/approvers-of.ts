import { type ApproverGroup, PATIENT_DECIDES } from '@meridian/viewing';
import type { ProxyAccount } from '../identity/people.ts';

/**
 * Who must agree to look at a patient's record. Proxies who decide jointly must all agree; research needs the ethics
 * board and the records officer besides (Declaration of Helsinki 2013, §23: a research ethics committee; §32: consent).
 */
export function approversOf(proxies: readonly ProxyAccount[], purpose: string, now: number): readonly ApproverGroup[] {
  const joint = proxies.filter(
    ({ proxy }) =>
      proxy.scope === 'decide-jointly' && proxy.from <= now && (proxy.until === undefined || now < proxy.until),
  );
  const patient: readonly ApproverGroup[] =
    joint.length > 1
      ? [{ name: 'guardians', members: joint.map(({ account }) => `account:${account}`), needed: joint.length }]
      : PATIENT_DECIDES;
  if (purpose !== 'HRESCH') return patient;
  return [
    ...patient,
    { name: 'ethics-board', members: ['role:ethics-board'], needed: 1 },
    { name: 'records-officer', members: ['role:records-officer'], needed: 1 },
  ];
}
