import { Trans, useLingui } from '@lingui/react/macro';
import { Button, Checkbox, Radio } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useErrorSentence } from '../design/error-state.tsx';
import styles from './forms.module.css';
import type { Interaction, InteractionApi, Step } from './interaction-api.ts';

/** What another application asks for, in sentences, and for whose record: each can be granted or not. */
export function ConfirmForm({
  api,
  interaction,
  onStep,
}: {
  api: InteractionApi;
  interaction: Interaction;
  onStep: (step: Step) => void;
}) {
  const { t } = useLingui();
  const { client, scopes, patients = [] } = interaction;
  const [granted, setGranted] = useState<readonly string[]>(scopes.map(({ scope }) => scope));
  const [patient, setPatient] = useState(patients[0]?.id);
  const confirm = useMutation({
    mutationFn: () => api.confirm({ granted, ...(patient !== undefined && { patient }) }),
    onSuccess: onStep,
  });
  const cancel = useMutation({ mutationFn: () => api.cancel(), onSuccess: onStep });
  const error = confirm.error ?? cancel.error;
  const sentence = useErrorSentence(error);
  const { name } = client;
  const relations: Readonly<Record<string, string>> = {
    self: t`My own`,
    parent: t`My child's`,
    guardian: t`Of somebody in my care`,
    attorney: t`Of somebody for whom I decide`,
  };
  return (
    <>
      <h1>
        <Trans>May {name} use your records?</Trans>
      </h1>
      <div className={styles.form}>
        <Checkbox.Group label={t`It asks to`} value={[...granted]} onChange={setGranted}>
          {scopes.map((one) => (
            <Checkbox key={one.scope} label={<bdi>{one.sentence}</bdi>} my={12} value={one.scope} />
          ))}
        </Checkbox.Group>
        {patients.length > 1 && (
          <Radio.Group label={t`For whose record`} value={patient ?? ''} onChange={setPatient}>
            {patients.map((one) => (
              <Radio
                key={one.id}
                label={<bdi>{one.name ?? relations[one.relation] ?? one.id}</bdi>}
                my={12}
                value={one.id}
              />
            ))}
          </Radio.Group>
        )}
        {error && (
          <p className={styles.failure} role="alert">
            {sentence}
          </p>
        )}
        <Button disabled={granted.length === 0} loading={confirm.isPending} size="lg" onClick={() => confirm.mutate()}>
          <Trans>Allow</Trans>
        </Button>
        <Button loading={cancel.isPending} size="lg" variant="default" onClick={() => cancel.mutate()}>
          <Trans>Do not allow</Trans>
        </Button>
      </div>
    </>
  );
}
