import { Trans, useLingui } from '@lingui/react/macro';
import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Panel } from '../design/panel.tsx';
import { QrCode } from '../design/qr-code.tsx';
import styles from './account-page.module.css';
import { Failure } from './again.tsx';
import { useAccountClient } from './use-account-client.ts';

/** A second factor for the password: codes that change every half minute (RFC 6238). */
export function TotpPanel() {
  const { t } = useLingui();
  const client = useAccountClient();
  const queries = useQueryClient();
  const [code, setCode] = useState('');
  const methods = useQuery({ queryKey: ['methods'], queryFn: ({ signal }) => client.methods(signal) });
  const refresh = () => queries.invalidateQueries({ queryKey: ['methods'] });
  const begin = useMutation({ mutationFn: () => client.beginTotp(), gcTime: 0 });
  const confirm = useMutation({
    mutationFn: () => client.confirmTotp(code),
    onSuccess: async () => {
      begin.reset();
      await refresh();
    },
  });
  const remove = useMutation({ mutationFn: () => client.removeTotp(), onSuccess: refresh });
  if (!methods.data) return null;
  return (
    <Panel title={<Trans>Codes of an authenticator app</Trans>}>
      <Failure error={begin.error ?? confirm.error ?? remove.error} />
      {methods.data.totp ? (
        <div className={styles.line}>
          <p className={styles.good}>
            <Trans>Your password asks for a code too.</Trans>
          </p>
          <Button color="red" loading={remove.isPending} size="md" variant="default" onClick={() => remove.mutate()}>
            <Trans>Remove</Trans>
          </Button>
        </div>
      ) : begin.data ? (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            confirm.mutate();
          }}
        >
          <p>
            <Trans>Scan this with the app on your telephone, and type the code that it shows.</Trans>
          </p>
          <div className={styles.code}>
            <QrCode label={t`The key for the app as a code`} text={begin.data.uri} />
          </div>
          <p className={styles.meta}>{begin.data.secret}</p>
          <TextInput
            autoComplete="one-time-code"
            inputMode="numeric"
            label={t`Code`}
            maxLength={6}
            pattern="[0-9]{6}"
            required
            size="md"
            value={code}
            onChange={({ currentTarget }) => setCode(currentTarget.value)}
          />
          <div>
            <Button loading={confirm.isPending} size="md" type="submit">
              <Trans>Confirm</Trans>
            </Button>
          </div>
        </form>
      ) : (
        <div className={styles.line}>
          <p className={styles.meta}>
            <Trans>Then nobody gets in with your password alone.</Trans>
          </p>
          <Button loading={begin.isPending} size="md" variant="default" onClick={() => begin.mutate()}>
            <Trans>Set up</Trans>
          </Button>
        </div>
      )}
    </Panel>
  );
}
