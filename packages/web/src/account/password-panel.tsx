import { Trans, useLingui } from '@lingui/react/macro';
import { Button, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useServices } from '../app/services.tsx';
import { Panel } from '../design/panel.tsx';
import styles from './account-page.module.css';
import { Failure } from './again.tsx';
import { useAccountClient } from './use-account-client.ts';

/** A new password; it ends every session, this one too. */
export function PasswordPanel() {
  const { t } = useLingui();
  const { session } = useServices();
  const client = useAccountClient();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const change = useMutation({
    mutationFn: () => client.setPassword({ ...(current !== '' && { current }), password }),
    onSuccess: () => session.signIn('/account'),
  });
  const toggle = { 'aria-label': t`Show or hide the password` };
  return (
    <Panel title={<Trans>Password</Trans>}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <PasswordInput
          autoComplete="current-password"
          label={t`Password now`}
          maxLength={256}
          size="md"
          value={current}
          visibilityToggleButtonProps={toggle}
          onChange={({ currentTarget }) => setCurrent(currentTarget.value)}
        />
        <PasswordInput
          autoComplete="new-password"
          description={t`You will sign in again with it, everywhere.`}
          label={t`New password`}
          maxLength={256}
          required
          size="md"
          value={password}
          visibilityToggleButtonProps={toggle}
          onChange={({ currentTarget }) => setPassword(currentTarget.value)}
        />
        <Failure error={change.error} />
        <div>
          <Button loading={change.isPending} size="md" type="submit">
            <Trans>Change the password</Trans>
          </Button>
        </div>
      </form>
    </Panel>
  );
}
