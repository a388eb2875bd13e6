import { Trans, useLingui } from '@lingui/react/macro';
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '../../api/http.ts';
import { useServices } from '../../app/services.tsx';
import { useErrorSentence } from '../../design/error-state.tsx';
import { useRoleNames } from '../../records/role-names.ts';
import styles from '../office.module.css';
import { createAccount, ROLES, registrationFor } from './accounts-api.ts';

/** A new account: who, under which name, as which Practitioner or Patient, in which role. */
export function AccountForm({ onDone }: { onDone: () => void }) {
  const { t } = useLingui();
  const { http } = useServices();
  const queries = useQueryClient();
  const roleName = useRoleNames();
  const [username, setUsername] = useState('');
  const [name, setName] = useState('');
  const [resource, setResource] = useState('Practitioner/');
  const [role, setRole] = useState<string>(ROLES[0]);
  const create = useMutation({
    mutationFn: () => {
      const registration = registrationFor(role);
      const registrations = registration === undefined ? [] : [registration];
      return createAccount(http, { username, name, resource, roles: [role], registrations });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['accounts'] }),
    gcTime: 0,
  });
  const sentence = useErrorSentence(create.error);
  if (create.data) {
    return (
      <div role="status">
        <p>
          <Trans>The account is there. Its password is shown this once; give it to the person in person:</Trans>
        </p>
        <p className={styles.more}>
          <span className={styles.secret}>{create.data.password}</span>
        </p>
        <Button mt="md" size="md" onClick={onDone}>
          <Trans>Done</Trans>
        </Button>
      </div>
    );
  }
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <TextInput
        label={t`Name of the person`}
        maxLength={200}
        required
        size="md"
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <TextInput
        autoComplete="off"
        label={t`Username`}
        maxLength={64}
        minLength={2}
        required
        size="md"
        value={username}
        onChange={({ currentTarget }) => setUsername(currentTarget.value)}
      />
      <NativeSelect
        data={ROLES.map((one) => ({ value: one, label: roleName(one) }))}
        label={t`Role`}
        size="md"
        value={role}
        onChange={({ currentTarget }) => setRole(currentTarget.value)}
      />
      <TextInput
        description={t`Its entry in the directory, such as Practitioner/42; for a patient, Patient/42.`}
        label={t`Acts as`}
        maxLength={90}
        required
        size="md"
        value={resource}
        onChange={({ currentTarget }) => setResource(currentTarget.value)}
      />
      {create.isError && (
        <p className={styles.failure} role="alert">
          {sentence} {create.error instanceof ApiError && <span lang="en">{create.error.message}</span>}
        </p>
      )}
      <div className={styles.actions}>
        <Button loading={create.isPending} size="md" type="submit">
          <Trans>Make the account</Trans>
        </Button>
        <Button size="md" variant="default" onClick={onDone}>
          <Trans>Cancel</Trans>
        </Button>
      </div>
    </form>
  );
}
