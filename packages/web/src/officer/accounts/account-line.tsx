import { Trans, useLingui } from '@lingui/react/macro';
import { Button, Checkbox } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from '../../api/http.ts';
import { useServices } from '../../app/services.tsx';
import { useErrorSentence } from '../../design/error-state.tsx';
import { Tag } from '../../design/tag.tsx';
import { useRoleNames } from '../../records/role-names.ts';
import { inLanguage, plain } from '../../records/words.ts';
import styles from '../office.module.css';
import { changeAccount, type ManagedAccount, ROLES, registrationFor, resetAccount } from './accounts-api.ts';

const route = getRouteApi('/office');

/** One account: its roles, whether it may sign in, and a new password where the old is lost. */
export function AccountLine({ account }: { account: ManagedAccount }) {
  const { i18n } = useLingui();
  const { account: own } = route.useRouteContext();
  const { http } = useServices();
  const queries = useQueryClient();
  const roleName = useRoleNames();
  const [choosing, setChoosing] = useState(false);
  const [password, setPassword] = useState<string>();
  const refresh = () => queries.invalidateQueries({ queryKey: ['accounts'] });
  const change = useMutation({
    mutationFn: (part: Parameters<typeof changeAccount>[2]) => changeAccount(http, account, part),
    onSuccess: () => setChoosing(false),
    onSettled: refresh,
  });
  const reset = useMutation({
    mutationFn: () => resetAccount(http, account.id),
    onSuccess: (answer) => setPassword(answer.password),
    gcTime: 0,
  });
  const error = change.error ?? reset.error;
  const sentence = useErrorSentence(error);
  const suspended = account.state === 'suspended';
  return (
    <li className={styles.line}>
      <div className={styles.words}>
        <p className={styles.name}>
          <bdi>{inLanguage(plain(account.name), i18n.locale)}</bdi>
          {account.roles.map((role) => (
            <Tag key={role}>{roleName(role)}</Tag>
          ))}
          {suspended && (
            <Tag tone="danger">
              <Trans>Suspended</Trans>
            </Tag>
          )}
        </p>
        <p className={styles.meta}>
          {account.username} · {account.resource}
        </p>
        {error && (
          <p className={styles.failure} role="alert">
            {sentence} {error instanceof ApiError && <span lang="en">{error.message}</span>}
          </p>
        )}
        {password !== undefined && (
          <p role="status">
            <Trans>The new password, shown this once:</Trans> <span className={styles.secret}>{password}</span>
          </p>
        )}
      </div>
      {/* whoever suspends their own account cannot undo it */}
      {account.id !== own.id && (
        <div className={styles.actions}>
          <Button size="sm" variant="default" onClick={() => setChoosing(!choosing)}>
            <Trans>Roles</Trans>
          </Button>
          {account.kind === 'person' && (
            <Button loading={reset.isPending} size="sm" variant="default" onClick={() => reset.mutate()}>
              <Trans>New password</Trans>
            </Button>
          )}
          <Button
            {...(!suspended && { color: 'red' })}
            loading={change.isPending}
            size="sm"
            variant="default"
            onClick={() => change.mutate({ state: suspended ? 'active' : 'suspended' })}
          >
            {suspended ? <Trans>Let in again</Trans> : <Trans>Suspend</Trans>}
          </Button>
        </div>
      )}
      {choosing && (
        <RolesForm
          account={account}
          busy={change.isPending}
          onSave={(roles) => change.mutate({ roles, registrations: withNeeded(account.registrations, roles) })}
        />
      )}
    </li>
  );
}

/** The registrations with those that the roles need. */
function withNeeded(registrations: readonly string[], roles: readonly string[]): string[] {
  return [...new Set([...registrations, ...roles.flatMap((role) => registrationFor(role) ?? [])])];
}

function RolesForm({
  account,
  busy,
  onSave,
}: {
  account: ManagedAccount;
  busy: boolean;
  onSave: (roles: string[]) => void;
}) {
  const { t } = useLingui();
  const roleName = useRoleNames();
  const [roles, setRoles] = useState<readonly string[]>(account.roles);
  // what the list does not offer, such as the role of a proxy, stays as it is
  const offered = [...new Set([...ROLES, ...account.roles])];
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onSave([...roles]);
      }}
    >
      <Checkbox.Group label={t`Roles`} value={[...roles]} onChange={setRoles}>
        {offered.map((role) => (
          <Checkbox key={role} label={roleName(role)} my={10} value={role} />
        ))}
      </Checkbox.Group>
      <p className={styles.meta}>
        <Trans>A role that needs a professional registration adds it: see the papers first.</Trans>
      </p>
      <div>
        <Button loading={busy} size="md" type="submit">
          <Trans>Save</Trans>
        </Button>
      </div>
    </form>
  );
}
