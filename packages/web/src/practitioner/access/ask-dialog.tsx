import { Trans, useLingui } from '@lingui/react/macro';
import { Button, Radio, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Dialog } from '../dialog.tsx';
import styles from './access.module.css';
import type { ViewingRequest } from './viewing.ts';

const DAY = 24 * 60;
const SHORTEST = 3;

/** Asks the patient for leave to see the record: why, and for how long. */
export function AskDialog({ patientId, opened, onClose }: { patientId: string; opened: boolean; onClose: () => void }) {
  const { t } = useLingui();
  const { http, queries } = useServices();
  const [words, setWords] = useState('');
  const [minutes, setMinutes] = useState(DAY);
  const ask = useMutation({
    mutationFn: () => {
      const json = { patient: patientId, purpose: 'TREAT', words: words.trim(), minutes };
      return http.json<ViewingRequest>('/viewing/requests', { method: 'POST', json });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['requests'] }),
  });
  return (
    <Dialog opened={opened} title={<Trans>Ask for approval</Trans>} onClose={onClose}>
      {ask.isSuccess ? (
        <div className={styles.fields} role="status">
          <p>
            <Trans>Asked. The answer appears in your worklist as soon as it is given.</Trans>
          </p>
          <div className={styles.buttons}>
            <Button onClick={onClose}>
              <Trans>Close</Trans>
            </Button>
          </div>
        </div>
      ) : (
        <div className={styles.fields}>
          <Textarea
            data-autofocus
            description={t`The patient reads this.`}
            label={t`Why do you need to see it?`}
            maxLength={1000}
            rows={3}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
          <Radio.Group label={t`For how long`} value={String(minutes)} onChange={(value) => setMinutes(Number(value))}>
            <div className={styles.fields}>
              <Radio label={t`One hour`} value="60" />
              <Radio label={t`One day`} value={String(DAY)} />
              <Radio label={t`Thirty days`} value={String(30 * DAY)} />
            </div>
          </Radio.Group>
          {ask.isError && <ErrorState error={ask.error} />}
          <div className={styles.buttons}>
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button disabled={words.trim().length < SHORTEST} loading={ask.isPending} onClick={() => ask.mutate()}>
              <Trans>Ask</Trans>
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
