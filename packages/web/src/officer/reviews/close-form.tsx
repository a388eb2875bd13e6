import { Trans, useLingui } from '@lingui/react/macro';
import { Button, Radio, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Review, ReviewOutcome } from '../../api/viewing.ts';
import { useViewing } from '../../app/use-viewing.ts';
import { useErrorSentence } from '../../design/error-state.tsx';
import styles from '../office.module.css';
import { useOutcomeNames } from './review-words.ts';

const SHORTEST = 3;

/** How a review came out, and how one came to that. */
export function CloseForm({ review, onBack }: { review: Review; onBack: () => void }) {
  const { t } = useLingui();
  const viewing = useViewing();
  const queries = useQueryClient();
  const outcomes = useOutcomeNames();
  const [outcome, setOutcome] = useState<ReviewOutcome>();
  const [words, setWords] = useState('');
  const close = useMutation({
    mutationFn: (verdict: { outcome: ReviewOutcome; words: string }) => viewing.closeReview(review.id, verdict),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['reviews'] }),
  });
  const sentence = useErrorSentence(close.error);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (outcome) close.mutate({ outcome, words });
      }}
    >
      <Radio.Group label={t`Outcome`} value={outcome ?? ''} onChange={(value) => setOutcome(value as ReviewOutcome)}>
        {(Object.keys(outcomes) as ReviewOutcome[]).map((one) => (
          <Radio key={one} label={outcomes[one]} my={10} value={one} />
        ))}
      </Radio.Group>
      <Textarea
        label={t`How you came to it`}
        maxLength={2000}
        minLength={SHORTEST}
        required
        rows={3}
        size="md"
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      {close.isError && (
        <p className={styles.failure} role="alert">
          {sentence}
        </p>
      )}
      <div className={styles.actions}>
        <Button
          disabled={outcome === undefined || words.trim().length < SHORTEST}
          loading={close.isPending}
          size="md"
          type="submit"
        >
          <Trans>Close the review</Trans>
        </Button>
        <Button size="md" variant="default" onClick={onBack}>
          <Trans>Back</Trans>
        </Button>
      </div>
    </form>
  );
}
