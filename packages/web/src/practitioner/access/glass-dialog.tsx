import { Trans, useLingui } from '@lingui/react/macro';
import { Button, Radio, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from '../../api/http.ts';
import { useServices } from '../../app/services.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import type { Account } from '../../session/account.ts';
import { Dialog } from '../dialog.tsx';
import styles from './access.module.css';
import { FRESH_MS, GLASS_REASONS, type GlassReason, type Grant } from './viewing.ts';

/** Leaves time to write the reason before the proof is too old. */
const MARGIN_MS = 2 * 60_000;
const SHORTEST = 10;

/** Breaks the glass: who it is must be proven anew, why must be said, and what follows is told before it is done. */
export function GlassDialog({
  patientId,
  account,
  opened,
  onClose,
}: {
  patientId: string;
  account: Account;
  opened: boolean;
  onClose: () => void;
}) {
  const { t } = useLingui();
  const { http, session, queries, now } = useServices();
  const navigate = useNavigate();
  const [reason, setReason] = useState<GlassReason>();
  const [words, setWords] = useState('');
  const names = useReasonNames();
  const proven = Date.parse(account.authenticatedAt ?? '');
  const isFresh = !Number.isNaN(proven) && now() - proven < FRESH_MS - MARGIN_MS;
  const path = `/clinic/patients/${encodeURIComponent(patientId)}`;
  const prove = (): void => void session.signIn(`${path}?glass=true`, 'login');
  const open = useMutation({
    mutationFn: () => {
      const json = { patient: patientId, reason, words: words.trim(), minutes: 60 };
      return http.json<Grant>('/viewing/break-glass', { method: 'POST', json });
    },
    onSuccess: async () => {
      await navigate({ to: '/clinic/patients/$patient', params: { patient: patientId }, search: {} });
      // what was closed until now must be asked for again
      await queries.resetQueries();
    },
  });
  const isStale = !isFresh || (open.error instanceof ApiError && open.error.status === 401);
  return (
    <Dialog opened={opened} title={<Trans>Break the glass</Trans>} onClose={onClose}>
      {isStale ? (
        <div className={styles.fields}>
          <p>
            <Trans>First prove again that it is you. Then you come back here.</Trans>
          </p>
          <div className={styles.buttons}>
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button data-autofocus onClick={prove}>
              <Trans>Prove who I am</Trans>
            </Button>
          </div>
        </div>
      ) : (
        <div className={styles.fields}>
          <p className={styles.warning}>
            <Trans>
              The patient is told who opened the record and why. Somebody else reviews it within three days.
            </Trans>
          </p>
          <Radio.Group label={t`Reason`} value={reason ?? ''} onChange={(value) => setReason(value as GlassReason)}>
            <div className={styles.fields}>
              {GLASS_REASONS.map((code) => (
                <Radio key={code} label={names[code]} value={code} />
              ))}
            </div>
          </Radio.Group>
          <Textarea
            label={t`What happened, in your own words`}
            maxLength={1000}
            rows={3}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
          {open.isError && <ErrorState error={open.error} />}
          <div className={styles.buttons}>
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button
              className={styles.danger}
              disabled={reason === undefined || words.trim().length < SHORTEST}
              loading={open.isPending}
              onClick={() => open.mutate()}
            >
              <Trans>Open the record for one hour</Trans>
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function useReasonNames(): Readonly<Record<GlassReason, string>> {
  const { t } = useLingui();
  return {
    'life-threatening': t`Danger to life`,
    'patient-cannot-answer': t`The patient cannot answer`,
    'danger-to-others': t`Danger to others`,
    'child-protection': t`Protection of a child`,
    'no-time-to-ask': t`No time to ask`,
  };
}
