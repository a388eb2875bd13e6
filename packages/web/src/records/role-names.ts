import { useLingui } from '@lingui/react/macro';

/** Roles of accounts, in words. */
export function useRoleNames(): (role: string) => string {
  const { t } = useLingui();
  const names: Readonly<Record<string, string>> = {
    patient: t`Patient`,
    proxy: t`Proxy`,
    'western-practitioner': t`Doctor of Western medicine`,
    'tcm-practitioner': t`Practitioner of Chinese medicine`,
    nurse: t`Nurse`,
    pharmacist: t`Pharmacist`,
    laboratory: t`Laboratory`,
    'records-officer': t`Records officer`,
    'privacy-officer': t`Privacy officer`,
    auditor: t`Auditor`,
    researcher: t`Researcher`,
    'ethics-board': t`Ethics board`,
    administrator: t`Administrator`,
    system: t`Program`,
    none: t`No role`,
  };
  return (role) => names[role] ?? role;
}
