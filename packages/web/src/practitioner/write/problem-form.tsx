import { Trans, useLingui } from '@lingui/react/macro';
import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { Condition } from 'fhir/r4';
import { useMemo, useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { patternSearch } from '../terms/catalogue.ts';
import { COMMON_PROBLEMS } from '../terms/common-problems.ts';
import { conceptOf, searchIn } from '../terms/term.ts';
import { NO_TERM, TermField, type TermValue } from '../terms/term-field.tsx';
import { byField, useDraftCheck } from './use-draft-check.ts';
import styles from './write.module.css';
import { WriteFrame } from './write-frame.tsx';
import type { WritingContext } from './writing-context.ts';

const PROBLEMS = searchIn(COMMON_PROBLEMS);
const HL7 = 'http://terminology.hl7.org/CodeSystem/';

/** A problem: the diagnosis, and the pattern of Chinese medicine beside it where there is one. */
export function ProblemForm({ context }: { context: WritingContext }) {
  const { t } = useLingui();
  const { fhir } = useServices();
  const patterns = useMemo(() => patternSearch(fhir), [fhir]);
  const [problem, setProblem] = useState<TermValue>(NO_TERM);
  const [pattern, setPattern] = useState<TermValue>(NO_TERM);
  const [sure, setSure] = useState('confirmed');
  const [onset, setOnset] = useState('');
  const [note, setNote] = useState('');
  const draft = draftOf(context, { problem, pattern, sure, onset, note });
  const { errors, rest } = byField(useDraftCheck(draft), { problem: 'code', onset: 'onset', note: 'note' });
  return (
    <WriteFrame context={context} draft={draft} issues={rest} title={<Trans>Problem</Trans>}>
      <TermField
        autoFocus
        error={errors.problem}
        label={t`Diagnosis or problem`}
        name="problems"
        search={PROBLEMS}
        value={problem}
        onChange={setProblem}
      />
      <TermField
        description={t`Where the problem is seen by Chinese medicine too`}
        label={t`Pattern`}
        name="patterns"
        search={patterns}
        value={pattern}
        onChange={setPattern}
      />
      <div className={styles.row}>
        <NativeSelect
          data={[
            { value: 'confirmed', label: t`Confirmed` },
            { value: 'provisional', label: t`Provisional` },
            { value: 'differential', label: t`One of several possible` },
          ]}
          label={t`How sure`}
          value={sure}
          onChange={(event) => setSure(event.currentTarget.value)}
        />
        <TextInput
          error={errors.onset}
          label={t`Since`}
          max={context.at.slice(0, 10)}
          type="date"
          value={onset}
          onChange={(event) => setOnset(event.currentTarget.value)}
        />
      </div>
      <Textarea
        autosize
        error={errors.note}
        label={t`Remarks`}
        maxLength={5000}
        minRows={2}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </WriteFrame>
  );
}

function draftOf(
  { patient, practitioner, at }: WritingContext,
  typed: { problem: TermValue; pattern: TermValue; sure: string; onset: string; note: string },
): Condition | undefined {
  const { problem, pattern, sure, onset, note } = typed;
  if (problem.typed.trim() === '' && pattern.term === undefined) return undefined;
  const own = conceptOf(problem.term, problem.typed);
  const seen = conceptOf(pattern.term, pattern.typed);
  const coding = [...(own.coding ?? []), ...(seen.coding ?? [])];
  const text = [own.text, seen.text].filter(Boolean).join('・');
  return {
    resourceType: 'Condition',
    clinicalStatus: { coding: [{ system: `${HL7}condition-clinical`, code: 'active' }] },
    verificationStatus: { coding: [{ system: `${HL7}condition-ver-status`, code: sure }] },
    category: [{ coding: [{ system: `${HL7}condition-category`, code: 'problem-list-item' }] }],
    code: { ...(coding.length > 0 && { coding }), text },
    subject: patient,
    ...(onset !== '' && { onsetDateTime: onset }),
    recordedDate: at,
    recorder: practitioner,
    ...(note.trim() !== '' && { note: [{ text: note.trim() }] }),
  };
}
