import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Decision, ViewingRequest } from '../../api/viewing.ts';
import { useServices } from '../../app/services.tsx';
import { useViewing } from '../../app/use-viewing.ts';
import { useErrorSentence } from '../../design/error-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { Tag, type Tone } from '../../design/tag.tsx';
import { useFormat } from '../../i18n/format.ts';
import { useRoleNames } from '../../records/role-names.ts';
import { inLanguage, plain, TEXT } from '../../records/words.ts';
import { NarrowForm } from './narrow-form.tsx';
import { RefuseForm } from './refuse-form.tsx';
import styles from './request-card.module.css';
import { useDuration, usePurposeSentences, useScopeLines } from './request-words.ts';

/** Somebody asks to see the record: who, why, what and how long; approved, narrowed or refused on the spot. */
export function RequestCard({ request }: { request: ViewingRequest }) {
  const format = useFormat();
  const { now } = useServices();
  const { i18n } = useLingui();
  const roles = useRoleNames();
  const purposes = usePurposeSentences();
  const duration = useDuration();
  const scopeLines = useScopeLines();
  const { requester, words, purpose, minutes, views, scope, state, created } = request;
  const name = inLanguage(plain(requester.name), i18n.locale);
  const at = new Date(created).toISOString();
  const [time, why] = [duration(minutes), purposes(purpose)];
  return (
    <li className={styles.card}>
      <div>
        <h3 className={styles.who}>
          <bdi>{name}</bdi>
          {state !== 'waiting' && <StateTag state={state} />}
        </h3>
        <p className={styles.meta}>
          {roles(requester.role)} · <time dateTime={at}>{format.ago(at, now())}</time>
        </p>
      </div>
      <p className={styles.reason}>
        <bdi>{plain(words, TEXT)}</bdi>
      </p>
      <ul className={styles.facts}>
        <li className={styles.fact}>
          <Icon name="record" size={16} />
          <span>{scopeLines(scope).join(' · ')}</span>
        </li>
        <li className={styles.fact}>
          <Icon name="history" size={16} />
          <span>
            {views === undefined ? (
              <Trans>
                For {time}, {why}
              </Trans>
            ) : (
              <Trans>
                For {time}, {views} looks at most, {why}
              </Trans>
            )}
          </span>
        </li>
      </ul>
      {request.answer !== undefined && request.answer !== '' && (
        <p className={styles.meta}>
          <Trans>
            You said: <bdi>{plain(request.answer, TEXT)}</bdi>
          </Trans>
        </p>
      )}
      {state === 'waiting' && <Answers request={request} />}
    </li>
  );
}

function StateTag({ state }: { state: ViewingRequest['state'] }) {
  const { t } = useLingui();
  const states: Readonly<Record<ViewingRequest['state'], readonly [Tone, string]>> = {
    waiting: ['accent', t`Waiting`],
    approved: ['good', t`Approved`],
    refused: ['danger', t`Refused`],
    withdrawn: ['plain', t`Withdrawn`],
    expired: ['plain', t`Expired`],
  };
  const [tone, word] = states[state];
  return <Tag tone={tone}>{word}</Tag>;
}

/** The three answers. */
function Answers({ request }: { request: ViewingRequest }) {
  const viewing = useViewing();
  const queries = useQueryClient();
  const [form, setForm] = useState<'narrow' | 'refuse'>();
  const decide = useMutation({
    mutationFn: async ({ decision, never }: { decision: Decision; never: boolean }) => {
      await viewing.decide(request.id, decision);
      if (never) await neverAgain(request);
    },
    onSuccess: () =>
      Promise.all(['requests', 'grants', 'preferences'].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
  const neverAgain = async ({ patientId, requester }: ViewingRequest): Promise<void> => {
    const preferences = await viewing.preferences(patientId, new AbortController().signal);
    const neverAsk = [...new Set([...preferences.neverAsk, requester.actor])];
    await viewing.setPreferences(patientId, { ...preferences, neverAsk });
  };
  const sentence = useErrorSentence(decide.error);
  const answer = (decision: Decision, never = false): void => decide.mutate({ decision, never });
  const back = (): void => setForm(undefined);
  return (
    <>
      {decide.isError && (
        <p className={styles.failure} role="alert">
          {sentence}
        </p>
      )}
      {form === 'narrow' && <NarrowForm busy={decide.isPending} request={request} onBack={back} onDecide={answer} />}
      {form === 'refuse' && <RefuseForm busy={decide.isPending} onBack={back} onDecide={answer} />}
      {form === undefined && (
        <div className={styles.actions}>
          <Button
            leftSection={<Icon name="check" size={18} />}
            loading={decide.isPending}
            size="md"
            onClick={() => answer({ decision: 'approve' })}
          >
            <Trans>Approve</Trans>
          </Button>
          <Button disabled={decide.isPending} size="md" variant="default" onClick={() => setForm('narrow')}>
            <Trans>Allow less</Trans>
          </Button>
          <Button color="red" disabled={decide.isPending} size="md" variant="default" onClick={() => setForm('refuse')}>
            <Trans>Refuse</Trans>
          </Button>
        </div>
      )}
    </>
  );
}
