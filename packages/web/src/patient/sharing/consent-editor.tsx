import { Trans, useLingui } from '@lingui/react/macro';
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { useErrorSentence } from '../../design/error-state.tsx';
import { DirectoryField } from '../../records/directory-field.tsx';
import styles from './consent-editor.module.css';
import { type ConsentRule, MATTERS, PARTS, type Part, PURPOSES, type Recipient, type Subject } from './consent-rule.ts';
import { type ConsentWords, useConsentWords } from './consent-words.ts';
import { Choice, PartEditor } from './part-editor.tsx';
import { SentenceOf } from './rule-sentence.tsx';

/** A consent being written: its sentence, whose marked parts are pressed to change them. */
export function ConsentEditor({
  start,
  saving,
  error,
  onSave,
  onCancel,
}: {
  start: ConsentRule;
  saving: boolean;
  error: unknown;
  onSave: (rule: ConsentRule) => void;
  onCancel: () => void;
}) {
  const words = useConsentWords();
  const [rule, setRule] = useState(start);
  const sentence = useErrorSentence(error);
  const change = (part: Partial<ConsentRule>): void => setRule({ ...rule, ...part });
  return (
    <div className={styles.editor}>
      <SentenceOf
        parts={{
          recipient: (
            <RecipientPart recipient={rule.recipient} words={words} onChange={(recipient) => change({ recipient })} />
          ),
          effect: (
            <PartEditor shown={words.effect(rule.effect)}>
              {(close) =>
                (['permit', 'deny'] as const).map((effect) => (
                  <Choice
                    chosen={rule.effect === effect}
                    key={effect}
                    onChoose={() => {
                      change({ effect });
                      close();
                    }}
                  >
                    {words.effect(effect)}
                  </Choice>
                ))
              }
            </PartEditor>
          ),
          subject: <SubjectPart subject={rule.subject} words={words} onChange={(subject) => change({ subject })} />,
          purpose: (
            <PartEditor shown={words.purpose(rule.purpose)}>
              {(close) =>
                PURPOSES.map((purpose) => (
                  <Choice
                    chosen={rule.purpose === purpose}
                    key={purpose}
                    onChoose={() => {
                      change({ purpose });
                      close();
                    }}
                  >
                    {words.purpose(purpose)}
                  </Choice>
                ))
              }
            </PartEditor>
          ),
          until: <UntilPart until={rule.until} words={words} onChange={(until) => change({ until })} />,
        }}
      />
      <p className={styles.hint}>
        <Trans>Press a marked part to change it. It holds from the moment you save it, everywhere.</Trans>
      </p>
      {error !== null && error !== undefined && (
        <p className={styles.failure} role="alert">
          {sentence}
        </p>
      )}
      <div className={styles.buttons}>
        <Button loading={saving} size="md" onClick={() => onSave(rule)}>
          <Trans>Save</Trans>
        </Button>
        <Button size="md" variant="default" onClick={onCancel}>
          <Trans>Cancel</Trans>
        </Button>
      </div>
    </div>
  );
}

const EVERYTHING: Subject = { kind: 'everything' };
const ROLES = ['western-practitioner', 'tcm-practitioner', 'nurse', 'pharmacist', 'researcher'] as const;

function RecipientPart({
  recipient,
  words,
  onChange,
}: {
  recipient: Recipient;
  words: ConsentWords;
  onChange: (recipient: Recipient) => void;
}) {
  const { t } = useLingui();
  return (
    <PartEditor shown={<bdi>{words.recipient(recipient)}</bdi>}>
      {(close) => {
        const choose = (one: Recipient): void => {
          onChange(one);
          close();
        };
        return (
          <>
            <DirectoryField
              label={t`Somebody by name`}
              onChoose={({ reference, name }) => choose({ kind: 'named', reference, name })}
            />
            <Choice chosen={recipient.kind === 'caring'} onChoose={() => choose({ kind: 'caring' })}>
              {words.recipient({ kind: 'caring' })}
            </Choice>
            {ROLES.map((role) => (
              <Choice
                chosen={recipient.kind === 'role' && recipient.role === role}
                key={role}
                onChoose={() => choose({ kind: 'role', role })}
              >
                {words.recipient({ kind: 'role', role })}
              </Choice>
            ))}
          </>
        );
      }}
    </PartEditor>
  );
}

function SubjectPart({
  subject,
  words,
  onChange,
}: {
  subject: Subject;
  words: ConsentWords;
  onChange: (subject: Subject) => void;
}) {
  const parts = subject.kind === 'parts' ? subject.parts : [];
  const matters = subject.kind === 'matters' ? subject.matters : [];
  return (
    <PartEditor shown={words.subject(subject)}>
      {(close) => (
        <>
          <Choice
            chosen={subject.kind === 'everything'}
            onChoose={() => {
              onChange(EVERYTHING);
              close();
            }}
          >
            {words.subject(EVERYTHING)}
          </Choice>
          <p className={styles.group}>
            <Trans>Only these parts</Trans>
          </p>
          {(Object.keys(PARTS) as Part[]).map((part) => (
            <Choice
              chosen={parts.includes(part)}
              key={part}
              onChoose={() => {
                const chosen = toggled(parts, part);
                // with nothing chosen it is everything again
                onChange(chosen.length === 0 ? EVERYTHING : { kind: 'parts', parts: chosen });
              }}
            >
              {words.part(part)}
            </Choice>
          ))}
          <p className={styles.group}>
            <Trans>Only sensitive matters</Trans>
          </p>
          {MATTERS.map((matter) => (
            <Choice
              chosen={matters.includes(matter)}
              key={matter}
              onChoose={() => {
                const chosen = toggled(matters, matter);
                onChange(chosen.length === 0 ? EVERYTHING : { kind: 'matters', matters: chosen });
              }}
            >
              {words.matter(matter)}
            </Choice>
          ))}
        </>
      )}
    </PartEditor>
  );
}

function toggled<T>(list: readonly T[], item: T): T[] {
  return list.includes(item) ? list.filter((one) => one !== item) : [...list, item];
}

function UntilPart({
  until,
  words,
  onChange,
}: {
  until: string | undefined;
  words: ConsentWords;
  onChange: (until: string | undefined) => void;
}) {
  const { t } = useLingui();
  const { now } = useServices();
  const inDays = (days: number): string => new Date(now() + days * 86_400_000).toISOString().slice(0, 10);
  const ends = [7, 30, 365].map(inDays);
  return (
    <PartEditor shown={words.until(until)}>
      {(close) => (
        <>
          {[undefined, ...ends].map((day) => (
            <Choice
              chosen={until === day}
              key={day ?? ''}
              onChoose={() => {
                onChange(day);
                close();
              }}
            >
              {words.until(day)}
            </Choice>
          ))}
          <TextInput
            label={t`Another day`}
            min={inDays(0)}
            size="md"
            type="date"
            value={until ?? ''}
            onChange={({ currentTarget }) => onChange(currentTarget.value === '' ? undefined : currentTarget.value)}
          />
        </>
      )}
    </PartEditor>
  );
}
