import { Trans, useLingui } from '@lingui/react/macro';
import { Textarea, TextInput } from '@mantine/core';
import type { Composition } from 'fhir/r4';
import { useState } from 'react';
import { isLate } from '../chart/late.ts';
import { LateTag } from '../chart/late-tag.tsx';
import { narrativeOf } from './narrative-of.ts';
import { byField, useDraftCheck } from './use-draft-check.ts';
import styles from './write.module.css';
import { WriteFrame } from './write-frame.tsx';
import type { WritingContext } from './writing-context.ts';

interface Section {
  /** LOINC. */
  code: string;
  title: string;
  label: string;
}

/** A note of a visit in its sections, those of the writer's own medicine. */
export function NoteForm({ context }: { context: WritingContext }) {
  const { t } = useLingui();
  const sections = useSections(context.roles.includes('tcm-practitioner'));
  const [texts, setTexts] = useState<readonly string[]>(() => sections.map(() => ''));
  const [when, setWhen] = useState('');
  const draft = draftOf(context, sections, texts, when, t`Visit note`);
  const { rest } = byField(useDraftCheck(draft), {});
  return (
    <WriteFrame context={context} draft={draft} issues={rest} title={<Trans>Note</Trans>}>
      {sections.map(({ code, label }, index) => (
        <Textarea
          autosize
          key={code}
          label={label}
          maxLength={20_000}
          maxRows={16}
          minRows={index === 0 ? 3 : 2}
          value={texts[index] ?? ''}
          onChange={(event) => setTexts(texts.with(index, event.currentTarget.value))}
        />
      ))}
      <div className={styles.row}>
        <TextInput
          description={t`Only where it was not just now`}
          label={t`When it happened`}
          max={localNow(context.at)}
          type="datetime-local"
          value={when}
          onChange={(event) => setWhen(event.currentTarget.value)}
        />
        <span>{draft !== undefined && isLate(draft) && <LateTag />}</span>
      </div>
    </WriteFrame>
  );
}

const LOINC = 'http://loinc.org';

function draftOf(
  { patient, practitioner, at }: WritingContext,
  sections: readonly Section[],
  texts: readonly string[],
  when: string,
  title: string,
): Composition | undefined {
  const written = sections.flatMap(({ code, title: name }, index) => {
    const text = (texts[index] ?? '').trim();
    if (text === '') return [];
    const coding = [{ system: LOINC, code }];
    return [{ title: name, code: { coding }, text: { status: 'additional' as const, div: narrativeOf(text) } }];
  });
  if (written.length === 0) return undefined;
  const happened = when === '' ? undefined : new Date(when);
  const start = happened && !Number.isNaN(happened.getTime()) ? happened.toISOString() : undefined;
  return {
    resourceType: 'Composition',
    status: 'final',
    type: { coding: [{ system: LOINC, code: '11506-3', display: 'Progress note' }], text: 'Progress note 病程紀錄' },
    subject: patient,
    date: at,
    author: [practitioner],
    title,
    ...(start !== undefined && { event: [{ period: { start } }] }),
    section: written,
  };
}

/** What a field of dates takes as its end: the writer's own clock. */
function localNow(at: string): string {
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Titles are written in both languages, so that each reader finds theirs. */
function useSections(chinese: boolean): Section[] {
  const { t } = useLingui();
  return chinese
    ? [
        { code: '61150-9', title: 'Inquiry 問診', label: t`Inquiry` },
        { code: '32454-1', title: 'Inspection, tongue 望診、舌象', label: t`Inspection and tongue` },
        { code: '61149-1', title: 'Listening, pulse 聞診、脈象', label: t`Listening and pulse` },
        { code: '51848-0', title: 'Pattern and principle 辨證立法', label: t`Pattern and principle of treatment` },
        { code: '18776-5', title: 'Plan 治療計劃', label: t`Plan` },
      ]
    : [
        { code: '61150-9', title: 'Subjective 主訴與病史', label: t`What the patient says` },
        { code: '61149-1', title: 'Objective 檢查所見', label: t`What was found` },
        { code: '51848-0', title: 'Assessment 評估', label: t`Assessment` },
        { code: '18776-5', title: 'Plan 計劃', label: t`Plan` },
      ];
}
