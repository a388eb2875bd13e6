import type { Account, Role } from '../session/account.ts';

/** What officers do, and the roles that may; the server decides, this only leaves out what would be refused. */
const ROLES = {
  reviews: ['privacy-officer'],
  statistics: ['privacy-officer', 'auditor'],
  disclosures: ['privacy-officer', 'auditor'],
  whatIf: ['privacy-officer', 'auditor'],
  accounts: ['administrator'],
  exports: ['researcher', 'records-officer'],
  verify: ['auditor', 'privacy-officer', 'records-officer', 'administrator'],
} as const satisfies Record<string, readonly Role[]>;

export type Task = keyof typeof ROLES;

/** Whether an account has a task. */
export function maySee({ roles }: Account, task: Task): boolean {
  return ROLES[task].some((role) => roles.includes(role));
}
