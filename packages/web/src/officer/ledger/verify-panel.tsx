import { Plural, Trans } from '@lingui/react/macro';
import { Button, Progress } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { ErrorState, useErrorSentence } from '../../design/error-state.tsx';
import { Panel } from '../../design/panel.tsx';
import { ProofSeal } from '../../design/proof-seal.tsx';
import { useFormat } from '../../i18n/format.ts';
import styles from '../office.module.css';
import { maySee } from '../sections.ts';

interface Finding {
  kind: string;
  where: string;
  row: string;
  sentence: string;
}

type State =
  | { state: 'running'; done: number; total: number }
  | { state: 'finished'; report: { ok: boolean; leaves: number; findings: Finding[]; left: number; seconds: number } }
  | { state: 'failed' };

const route = getRouteApi('/office');

/** Has the server check everything stored against the log, with its progress. */
export function VerifyPanel() {
  const { account } = route.useRouteContext();
  const { http } = useServices();
  const [job, setJob] = useState<string>();
  const start = useMutation({
    mutationFn: () => http.json<{ id: string }>('/ledger/$verify', { method: 'POST' }),
    onSuccess: ({ id }) => setJob(id),
  });
  const state = useQuery({
    queryKey: ['verification', job],
    queryFn: ({ signal }) => http.json<State>(`/ledger/$verify/${job}`, { signal }),
    enabled: job !== undefined,
    refetchInterval: ({ state: { data } }) => (data === undefined || data.state === 'running' ? 500 : false),
  });
  const sentence = useErrorSentence(start.error);
  if (!maySee(account, 'verify')) return null;
  const running = job !== undefined && (state.data === undefined || state.data.state === 'running') && !state.isError;
  return (
    <Panel
      actions={
        <Button loading={start.isPending || running} size="md" onClick={() => start.mutate()}>
          <Trans>Verify now</Trans>
        </Button>
      }
      title={<Trans>The whole database against the log</Trans>}
    >
      <p className={styles.meta}>
        <Trans>
          Reads every record, every event and every index, and compares them with what was sealed. The work goes on
          meanwhile.
        </Trans>
      </p>
      {start.isError && (
        <p className={styles.failure} role="alert">
          {sentence}
        </p>
      )}
      {state.isError && <ErrorState error={state.error} />}
      {state.data && <Outcome state={state.data} />}
    </Panel>
  );
}

function Outcome({ state }: { state: State }) {
  const format = useFormat();
  if (state.state === 'failed') {
    return (
      <p className={styles.failure} role="alert">
        <Trans>The verification did not come to its end. Start it again.</Trans>
      </p>
    );
  }
  if (state.state === 'running') {
    const [done, total] = [format.number(state.done), format.number(state.total)];
    const share = state.total === 0 ? 0 : (100 * state.done) / state.total;
    return (
      <div className={styles.more}>
        <p role="status">
          <Trans>
            {done} of {total} checked
          </Trans>
        </p>
        <Progress aria-label={done} mt={6} size="lg" value={share} />
      </div>
    );
  }
  const { ok, leaves, findings, left, seconds } = state.report;
  const [count, took] = [format.number(leaves), format.number(seconds, 1)];
  return (
    <div className={styles.more} role="status">
      <ProofSeal
        label={
          ok ? (
            <Trans>All is as it was sealed</Trans>
          ) : (
            <Plural one="# damaged thing" other="# damaged things" value={findings.length + left} />
          )
        }
        state={ok ? 'proved' : 'refused'}
      />
      <p className={styles.meta}>
        <Trans>
          {count} entries in {took} s
        </Trans>
      </p>
      <ul lang="en">
        {findings.map(({ where, row, sentence }) => (
          <li className={styles.line} key={`${where} ${row} ${sentence}`}>
            <span className={styles.words}>{sentence}</span>
            <span className={styles.meta}>
              {where} · {row}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
