import { Trans, useLingui } from '@lingui/react/macro';
import { Button, Checkbox, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Decision } from '../../api/viewing.ts';
import styles from './request-card.module.css';

const LONGEST = 1000;

/** A refusal, with a reason if one likes to give one, and an end to being asked. */
export function RefuseForm({
  busy,
  onDecide,
  onBack,
}: {
  busy: boolean;
  onDecide: (decision: Decision, never: boolean) => void;
  onBack: () => void;
}) {
  const { t } = useLingui();
  const [words, setWords] = useState('');
  const [never, setNever] = useState(false);
  const answer = words.trim();
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onDecide({ decision: 'refuse', ...(answer !== '' && { answer }) }, never);
      }}
    >
      <Textarea
        label={t`Reason, if you like to give one`}
        maxLength={LONGEST}
        rows={2}
        size="md"
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      <Checkbox
        checked={never}
        label={t`This person may never ask me again`}
        onChange={(event) => setNever(event.currentTarget.checked)}
      />
      <div className={styles.actions}>
        <Button color="red" loading={busy} size="md" type="submit">
          <Trans>Refuse</Trans>
        </Button>
        <Button disabled={busy} size="md" variant="default" onClick={onBack}>
          <Trans>Back</Trans>
        </Button>
      </div>
    </form>
  );
}
