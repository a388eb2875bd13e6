import { Trans, useLingui } from '@lingui/react/macro';
import { NativeSelect, TextInput } from '@mantine/core';
import type { AllergyIntolerance } from 'fhir/r4';
import { useState } from 'react';
import { COMMON_ALLERGENS } from '../terms/common-allergens.ts';
import { conceptOf, searchIn } from '../terms/term.ts';
import { NO_TERM, TermField, type TermValue } from '../terms/term-field.tsx';
import { byField, useDraftCheck } from './use-draft-check.ts';
import styles from './write.module.css';
import { WriteFrame } from './write-frame.tsx';
import type { WritingContext } from './writing-context.ts';

const ALLERGENS = searchIn(COMMON_ALLERGENS);
const HL7 = 'http://terminology.hl7.org/CodeSystem/';

/** An allergy or intolerance: to what, how it showed, how bad it may get. */
export function AllergyForm({ context }: { context: WritingContext }) {
  const { t } = useLingui();
  const [substance, setSubstance] = useState<TermValue>(NO_TERM);
  const [reaction, setReaction] = useState('');
  const [severity, setSeverity] = useState('');
  const [risk, setRisk] = useState<'low' | 'high' | 'unable-to-assess'>('unable-to-assess');
  const draft = draftOf(context, { substance, reaction, severity, risk });
  const { errors, rest } = byField(useDraftCheck(draft), { substance: 'code', reaction: 'reaction' });
  return (
    <WriteFrame context={context} draft={draft} issues={rest} title={<Trans>Allergy</Trans>}>
      <TermField
        autoFocus
        error={errors.substance}
        label={t`To what`}
        name="allergens"
        search={ALLERGENS}
        value={substance}
        onChange={setSubstance}
      />
      <TextInput
        error={errors.reaction}
        label={t`How it showed`}
        maxLength={300}
        value={reaction}
        onChange={(event) => setReaction(event.currentTarget.value)}
      />
      <div className={styles.row}>
        <NativeSelect
          data={[
            { value: '', label: t`Not known` },
            { value: 'mild', label: t`Mild` },
            { value: 'moderate', label: t`Moderate` },
            { value: 'severe', label: t`Severe` },
          ]}
          disabled={reaction.trim() === ''}
          label={t`How bad it was`}
          value={severity}
          onChange={(event) => setSeverity(event.currentTarget.value)}
        />
        <NativeSelect
          data={[
            { value: 'unable-to-assess', label: t`Not known` },
            { value: 'low', label: t`Low` },
            { value: 'high', label: t`High` },
          ]}
          label={t`Danger if it happens again`}
          value={risk}
          onChange={(event) => setRisk(event.currentTarget.value as typeof risk)}
        />
      </div>
    </WriteFrame>
  );
}

function draftOf(
  { patient, practitioner, at }: WritingContext,
  typed: { substance: TermValue; reaction: string; severity: string; risk: 'low' | 'high' | 'unable-to-assess' },
): AllergyIntolerance | undefined {
  const { substance, reaction, severity, risk } = typed;
  if (substance.typed.trim() === '') return undefined;
  const shown = severity as 'mild' | 'moderate' | 'severe' | '';
  return {
    resourceType: 'AllergyIntolerance',
    clinicalStatus: { coding: [{ system: `${HL7}allergyintolerance-clinical`, code: 'active' }] },
    verificationStatus: { coding: [{ system: `${HL7}allergyintolerance-verification`, code: 'confirmed' }] },
    criticality: risk,
    code: conceptOf(substance.term, substance.typed),
    patient,
    recordedDate: at,
    recorder: practitioner,
    ...(reaction.trim() !== '' && {
      reaction: [{ manifestation: [{ text: reaction.trim() }], ...(shown !== '' && { severity: shown }) }],
    }),
  };
}
