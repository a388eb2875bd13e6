import { Trans, useLingui } from '@lingui/react/macro';
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Parameters } from 'fhir/r4';
import { useState } from 'react';
import { queryOf } from '../../api/fhir.ts';
import { useServices } from '../../app/services.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Panel } from '../../design/panel.tsx';
import { Tag } from '../../design/tag.tsx';
import { DirectoryField } from '../../records/directory-field.tsx';
import { useKindNames } from '../../records/kind-names.ts';
import styles from '../office.module.css';

const TYPES = [
  'Condition',
  'Observation',
  'MedicationRequest',
  'AllergyIntolerance',
  'DocumentReference',
  'Encounter',
  'Patient',
  'Consent',
] as const;

interface Asked {
  what: string;
  patient: string;
  viewer: string;
}

/** Whether somebody would see something, by which rules, and what would change it (`$may`). */
export function WhatIfPanel() {
  const { t } = useLingui();
  const { fhir } = useServices();
  const kinds = useKindNames();
  const [asked, setAsked] = useState<Asked>({ what: 'Condition', patient: '', viewer: '' });
  const may = useMutation({
    mutationFn: ({ what, patient, viewer }: Asked) =>
      fhir.operation<Parameters>(`$may?${queryOf({ what, patient, viewer })}`),
  });
  const set = (part: Partial<Asked>): void => {
    may.reset();
    setAsked({ ...asked, ...part });
  };
  return (
    <Panel title={<Trans>What if</Trans>}>
      <form
        className={styles.row}
        onSubmit={(event) => {
          event.preventDefault();
          may.mutate(asked);
        }}
      >
        <DirectoryField
          label={t`Who looks`}
          types={['Practitioner']}
          onChoose={({ reference }) => set({ viewer: reference })}
        />
        <TextInput
          label={t`Number of the patient's record`}
          maxLength={64}
          required
          size="md"
          value={asked.patient}
          onChange={({ currentTarget }) => set({ patient: currentTarget.value.trim() })}
        />
        <NativeSelect
          data={TYPES.map((type) => ({ value: type, label: kinds(type) }))}
          label={t`What`}
          size="md"
          value={asked.what}
          onChange={({ currentTarget }) => set({ what: currentTarget.value })}
        />
        <Button disabled={asked.viewer === ''} loading={may.isPending} size="md" type="submit">
          <Trans>Ask</Trans>
        </Button>
      </form>
      {may.isError && <ErrorState error={may.error} />}
      {may.data && <Answer parameters={may.data} />}
    </Panel>
  );
}

function Answer({ parameters: { parameter = [] } }: { parameters: Parameters }) {
  const { t } = useLingui();
  const remedies: Readonly<Record<string, string>> = {
    'ask-for-approval': t`The viewer can ask the patient for approval.`,
    'break-glass': t`The viewer can open the record in an emergency.`,
    'other-purpose': t`Another purpose could open it.`,
    'patient-can-consent': t`The patient can give a consent.`,
  };
  const is = (wanted: string): boolean =>
    parameter.some(({ name, valueBoolean }) => name === wanted && valueBoolean === true);
  const because = parameter.flatMap(({ name, valueString }) => (name === 'because' ? [valueString ?? ''] : []));
  const ways = parameter.flatMap(({ name, valueCode }) => (name === 'remedy' ? [valueCode ?? ''] : []));
  return (
    <div role="status">
      <p className={styles.name}>
        {is('allowed') ? (
          <Tag tone="good">{is('all') ? <Trans>Allowed</Trans> : <Trans>Allowed in part</Trans>}</Tag>
        ) : (
          <Tag tone="danger">
            <Trans>Not allowed</Trans>
          </Tag>
        )}
        {because.map((basis) => (
          <Tag key={basis}>
            <span lang="en">{basis}</span>
          </Tag>
        ))}
      </p>
      <ul className={styles.more}>
        {ways.map((way) => (
          <li key={way}>{remedies[way] ?? way}</li>
        ))}
      </ul>
    </div>
  );
}
