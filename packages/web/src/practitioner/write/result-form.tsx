import { Trans, useLingui } from '@lingui/react/macro';
import { NumberInput, Textarea, TextInput } from '@mantine/core';
import type { Observation } from 'fhir/r4';
import { useState } from 'react';
import { COMMON_MEASUREMENTS } from '../terms/common-tests.ts';
import { conceptOf, searchIn } from '../terms/term.ts';
import { NO_TERM, TermField, type TermValue } from '../terms/term-field.tsx';
import { byField, useDraftCheck } from './use-draft-check.ts';
import styles from './write.module.css';
import { WriteFrame } from './write-frame.tsx';
import { quantity, type WritingContext } from './writing-context.ts';

const MEASUREMENTS = searchIn(COMMON_MEASUREMENTS);

interface Typed {
  test: TermValue;
  value: number | undefined;
  unit: string;
  low: number | undefined;
  high: number | undefined;
  when: string;
  note: string;
}

/** A measured result, with the range of the report where it gives one. */
export function ResultForm({ context }: { context: WritingContext }) {
  const { t } = useLingui();
  const [typed, setTyped] = useState<Typed>({
    test: NO_TERM,
    value: undefined,
    unit: '',
    low: undefined,
    high: undefined,
    when: '',
    note: '',
  });
  const change = (part: Partial<Typed>): void => setTyped((before) => ({ ...before, ...part }));
  const draft = draftOf(context, typed);
  const { errors, rest } = byField(useDraftCheck(draft), {
    test: 'code',
    value: 'value',
    range: 'referenceRange',
    when: 'effective',
  });
  const number = (value: string | number): number | undefined => (typeof value === 'number' ? value : undefined);
  return (
    <WriteFrame context={context} draft={draft} issues={rest} title={<Trans>Result</Trans>}>
      <TermField
        autoFocus
        error={errors.test}
        label={t`Test`}
        name="measurements"
        search={MEASUREMENTS}
        value={typed.test}
        onChange={(test) => change({ test, ...(test.term?.hint !== undefined && { unit: test.term.hint }) })}
      />
      <div className={styles.row}>
        <NumberInput
          error={errors.value}
          label={t`Value`}
          value={typed.value ?? ''}
          onChange={(value) => change({ value: number(value) })}
        />
        <TextInput
          label={t`Unit`}
          maxLength={40}
          value={typed.unit}
          onChange={(event) => change({ unit: event.currentTarget.value })}
        />
        <NumberInput
          error={errors.range}
          label={t`Usual from`}
          value={typed.low ?? ''}
          onChange={(low) => change({ low: number(low) })}
        />
        <NumberInput label={t`Usual to`} value={typed.high ?? ''} onChange={(high) => change({ high: number(high) })} />
      </div>
      <div className={styles.row}>
        <TextInput
          description={t`Only where it was not just now`}
          error={errors.when}
          label={t`When it was measured`}
          type="datetime-local"
          value={typed.when}
          onChange={(event) => change({ when: event.currentTarget.value })}
        />
      </div>
      <Textarea
        autosize
        label={t`Remarks`}
        maxLength={2000}
        minRows={2}
        value={typed.note}
        onChange={(event) => change({ note: event.currentTarget.value })}
      />
    </WriteFrame>
  );
}

const FLAGS = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';

function draftOf({ patient, practitioner, at }: WritingContext, typed: Typed): Observation | undefined {
  const { test, value, unit, low, high, when, note } = typed;
  if (test.typed.trim() === '' || value === undefined || unit.trim() === '') return undefined;
  const code = unit.trim();
  const measured = when === '' ? undefined : new Date(when);
  const flag = low !== undefined && value < low ? 'L' : high !== undefined && value > high ? 'H' : undefined;
  const range = {
    ...(low !== undefined && { low: quantity(low, code) }),
    ...(high !== undefined && { high: quantity(high, code) }),
  };
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
    ],
    code: conceptOf(test.term, test.typed),
    subject: patient,
    effectiveDateTime: measured && !Number.isNaN(measured.getTime()) ? measured.toISOString() : at,
    issued: at,
    performer: [practitioner],
    valueQuantity: quantity(value, code),
    ...(flag !== undefined && { interpretation: [{ coding: [{ system: FLAGS, code: flag }] }] }),
    ...(Object.keys(range).length > 0 && { referenceRange: [range] }),
    ...(note.trim() !== '' && { note: [{ text: note.trim() }] }),
  };
}
