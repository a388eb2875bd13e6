import { Trans, useLingui } from '@lingui/react/macro';
import { Button, PasswordInput, PinInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/http.ts';
import { useErrorSentence } from '../design/error-state.tsx';
import { Icon } from '../design/icon.tsx';
import { DemoAccounts } from './demo-accounts.tsx';
import styles from './forms.module.css';
import { type Interaction, type InteractionApi, passkeysWork, type Step } from './interaction-api.ts';

type Given = { username: string; password: string; totp?: string };

/** Passkey first; password, and the code of an authenticator where the account has one, for everybody else. */
export function LoginForm({
  api,
  interaction,
  onStep,
}: {
  api: InteractionApi;
  interaction: Interaction;
  onStep: (step: Step) => void;
}) {
  const { t } = useLingui();
  const [given, setGiven] = useState<Given>({ username: '', password: '' });
  const [needsCode, setNeedsCode] = useState(false);
  const went = (step: Step): void => ('needs' in step ? setNeedsCode(true) : onStep(step));
  const passkey = useMutation({ mutationFn: () => api.passkey(), onSuccess: went });
  const external = useMutation({ mutationFn: () => api.external(), onSuccess: went });
  const password = useMutation({ mutationFn: (values: Given) => api.password(values), onSuccess: went });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    password.mutate(given);
  };
  const busy = passkey.isPending || password.isPending || passkey.isSuccess;
  const { name } = interaction.client;
  return (
    <>
      <h1>
        <Trans>Sign in</Trans>
      </h1>
      {interaction.client.id !== OWN && (
        <p className={styles.lead}>
          <Trans>
            to go on to <strong>{name}</strong>
          </Trans>
        </p>
      )}
      <form className={styles.form} onSubmit={submit}>
        {!needsCode && passkeysWork() && interaction.methods.includes('passkey') && (
          <>
            <Button
              disabled={busy}
              fullWidth
              leftSection={<Icon name="key" />}
              size="lg"
              onClick={() => passkey.mutate()}
            >
              <Trans>Sign in with a passkey</Trans>
            </Button>
            <p className={styles.or}>
              <Trans>or with a password</Trans>
            </p>
          </>
        )}
        {needsCode ? (
          <div>
            <p className={styles.label} id="code">
              <Trans>The six digits that your authenticator shows</Trans>
            </p>
            <PinInput
              aria-labelledby="code"
              autoFocus
              length={6}
              oneTimeCode
              size="lg"
              type="number"
              onChange={(totp) => setGiven({ ...given, totp })}
              onComplete={(totp) => password.mutate({ ...given, totp })}
            />
          </div>
        ) : (
          <>
            <TextInput
              autoCapitalize="none"
              autoComplete="username webauthn"
              label={t`User name`}
              maxLength={200}
              required
              size="md"
              spellCheck={false}
              value={given.username}
              onChange={(event) => setGiven({ ...given, username: event.currentTarget.value })}
            />
            <PasswordInput
              autoComplete="current-password"
              label={t`Password`}
              maxLength={1000}
              required
              size="md"
              value={given.password}
              visibilityToggleButtonProps={{ 'aria-label': t`Show the password` }}
              onChange={(event) => setGiven({ ...given, password: event.currentTarget.value })}
            />
          </>
        )}
        <Failure error={password.error ?? passkey.error ?? external.error} />
        <Button disabled={busy} fullWidth loading={password.isPending} size="md" type="submit" variant="light">
          <Trans>Sign in</Trans>
        </Button>
        {interaction.external && (
          <Button
            disabled={busy}
            fullWidth
            loading={external.isPending}
            size="md"
            variant="default"
            onClick={() => external.mutate()}
          >
            <Trans>Sign in with {interaction.external.name}</Trans>
          </Button>
        )}
      </form>
      <DemoAccounts
        disabled={busy}
        onChoose={({ username, password: secret }) => password.mutate({ username, password: secret })}
      />
    </>
  );
}

const OWN = 'meridian-web';

function Failure({ error }: { error: unknown }) {
  const { t } = useLingui();
  const other = useErrorSentence(error);
  if (!error) return null;
  const declined = error instanceof DOMException;
  const wrong = error instanceof ApiError && error.status === 401;
  return (
    <p className={styles.failure} role="alert">
      {declined
        ? t`The passkey was not used. Try again, or use your password.`
        : wrong
          ? t`That is not right. Check user name, password and code.`
          : other}
    </p>
  );
}
