import { Trans, useLingui } from '@lingui/react/macro';
import { NativeSelect, NumberInput, TextInput } from '@mantine/core';
import type { MedicationRequest } from 'fhir/r4';
import { useState } from 'react';
import { COMMON_MEDICINES } from '../terms/common-medicines.ts';
import { conceptOf, searchIn } from '../terms/term.ts';
import { NO_TERM, TermField, type TermValue } from '../terms/term-field.tsx';
import { byField, useDraftCheck } from './use-draft-check.ts';
import styles from './write.module.css';
import { WriteFrame } from './write-frame.tsx';
import { quantity, type WritingContext } from './writing-context.ts';

const MEDICINES = searchIn(COMMON_MEDICINES);
/** UCUM; the label is what people write. */
const UNITS = [
  { value: 'mg', label: 'mg' },
  { value: 'g', label: 'g' },
  { value: 'ug', label: 'mcg' },
  { value: 'mL', label: 'mL' },
  { value: '[iU]', label: 'IU' },
];
const DAY_MS = 86_400_000;

interface Typed {
  medicine: TermValue;
  dose: number | undefined;
  unit: string;
  times: number;
  days: number | undefined;
  instruction: string;
}

/** A Western prescription; checked against everything that the patient takes while it is typed. */
export function PrescriptionForm({ context }: { context: WritingContext }) {
  const { t } = useLingui();
  const [typed, setTyped] = useState<Typed>({
    medicine: NO_TERM,
    dose: undefined,
    unit: 'mg',
    times: 1,
    days: 30,
    instruction: '',
  });
  const change = (part: Partial<Typed>): void => setTyped((before) => ({ ...before, ...part }));
  const draft = draftOf(context, typed);
  const { errors, rest } = byField(useDraftCheck(draft), {
    medicine: 'medication',
    dose: 'dosageInstruction',
    days: 'dispenseRequest',
  });
  return (
    <WriteFrame context={context} draft={draft} issues={rest} title={<Trans>Prescription</Trans>}>
      <TermField
        autoFocus
        error={errors.medicine}
        label={t`Medicine`}
        name="medicines"
        search={MEDICINES}
        value={typed.medicine}
        onChange={(medicine) => change({ medicine })}
      />
      <div className={styles.row}>
        <NumberInput
          error={errors.dose}
          label={t`Dose`}
          max={100_000}
          min={0}
          value={typed.dose ?? ''}
          onChange={(dose) => change({ dose: typeof dose === 'number' && dose > 0 ? dose : undefined })}
        />
        <NativeSelect
          data={UNITS}
          label={t`Unit`}
          value={typed.unit}
          onChange={(event) => change({ unit: event.currentTarget.value })}
        />
        <NativeSelect
          data={[
            { value: '1', label: t`Once a day` },
            { value: '2', label: t`Twice a day` },
            { value: '3', label: t`Three times a day` },
            { value: '4', label: t`Four times a day` },
          ]}
          label={t`How often`}
          value={String(typed.times)}
          onChange={(event) => change({ times: Number(event.currentTarget.value) })}
        />
        <NumberInput
          allowDecimal={false}
          error={errors.days}
          label={t`Days`}
          max={365}
          min={1}
          value={typed.days ?? ''}
          onChange={(days) => change({ days: typeof days === 'number' && days > 0 ? days : undefined })}
        />
      </div>
      <TextInput
        description={t`The patient reads this.`}
        label={t`Instructions`}
        maxLength={500}
        value={typed.instruction}
        onChange={(event) => change({ instruction: event.currentTarget.value })}
      />
    </WriteFrame>
  );
}

function draftOf({ patient, practitioner, at }: WritingContext, typed: Typed): MedicationRequest | undefined {
  const { medicine, dose, unit, times, days, instruction } = typed;
  if (medicine.typed.trim() === '' || dose === undefined || days === undefined) return undefined;
  const label = UNITS.find(({ value }) => value === unit)?.label ?? unit;
  const end = new Date(Date.parse(at) + days * DAY_MS).toISOString().slice(0, 10);
  return {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: conceptOf(medicine.term, medicine.typed),
    subject: patient,
    authoredOn: at,
    requester: practitioner,
    dosageInstruction: [
      {
        text: `${dose} ${label}, ${times}× daily 每日${times}次`,
        ...(instruction.trim() !== '' && { patientInstruction: instruction.trim() }),
        timing: { repeat: { frequency: times, period: 1, periodUnit: 'd' } },
        doseAndRate: [{ doseQuantity: quantity(dose, unit, label) }],
      },
    ],
    dispenseRequest: {
      validityPeriod: { start: at.slice(0, 10), end },
      expectedSupplyDuration: quantity(days, 'd', 'day'),
    },
  };
}
