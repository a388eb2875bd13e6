import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { ConsentPart, ConsentSentence } from '../../design/consent-sentence.tsx';
import type { ConsentRule } from './consent-rule.ts';
import { useConsentWords } from './consent-words.ts';

/** The places of the sentence; each language puts them in its own order. */
export interface RuleParts {
  recipient: ReactNode;
  effect: ReactNode;
  subject: ReactNode;
  purpose: ReactNode;
  until: ReactNode;
}

/** A consent as a sentence whose order is that of the reader's language. */
export function SentenceOf({ parts }: { parts: RuleParts }) {
  return (
    <ConsentSentence>
      <Trans>
        <Place part={parts.recipient} /> <Place part={parts.effect} /> <Place part={parts.subject} />{' '}
        <Place part={parts.purpose} /> <Place part={parts.until} />.
      </Trans>
    </ConsentSentence>
  );
}

function Place({ part }: { part: ReactNode }) {
  return part;
}

/** A consent to be read. */
export function RuleSentence({ rule }: { rule: ConsentRule }) {
  const words = useConsentWords();
  return (
    <SentenceOf
      parts={{
        recipient: (
          <ConsentPart>
            <bdi>{words.recipient(rule.recipient)}</bdi>
          </ConsentPart>
        ),
        effect: words.effect(rule.effect),
        subject: <ConsentPart>{words.subject(rule.subject)}</ConsentPart>,
        purpose: words.purpose(rule.purpose),
        until: words.until(rule.until),
      }}
    />
  );
}
