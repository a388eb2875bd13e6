import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useServices } from '../app/services.tsx';
import { initialsOf } from '../session/names.ts';
import styles from './forms.module.css';
import { type DemoAccount, demoAccounts } from './interaction-api.ts';

/** One press for each role of the demonstration; nothing where the server has none. */
export function DemoAccounts({ disabled, onChoose }: { disabled: boolean; onChoose: (account: DemoAccount) => void }) {
  const { http } = useServices();
  const roles = useRoleNames();
  const accounts = useQuery({ queryKey: ['demo accounts'], queryFn: ({ signal }) => demoAccounts(http, signal) });
  if (!accounts.data || accounts.data.length === 0) return null;
  return (
    <section className={styles.demo}>
      <h2 className={styles.demoTitle}>
        <Trans>Try the demonstration as</Trans>
      </h2>
      <ul className={styles.chips}>
        {accounts.data.map((account) => (
          <li key={account.username}>
            <button className={styles.chip} disabled={disabled} type="button" onClick={() => onChoose(account)}>
              <span aria-hidden="true" className={styles.initials}>
                {initialsOf(account.name)}
              </span>
              <span className={styles.words}>
                <strong>{roles[account.role] ?? account.role}</strong>
                <bdi>{account.name}</bdi>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function useRoleNames(): Readonly<Record<string, string>> {
  const { t } = useLingui();
  return {
    patient: t`Patient`,
    proxy: t`Parent or guardian`,
    'western-practitioner': t`Doctor`,
    'tcm-practitioner': t`Chinese-medicine practitioner`,
    nurse: t`Nurse`,
    pharmacist: t`Pharmacist`,
    laboratory: t`Laboratory`,
    'records-officer': t`Records officer`,
    'privacy-officer': t`Privacy officer`,
    auditor: t`Auditor`,
    researcher: t`Researcher`,
    administrator: t`Administrator`,
  };
}
