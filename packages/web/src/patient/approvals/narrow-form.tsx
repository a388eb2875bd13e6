import { Trans, useLingui } from '@lingui/react/macro';
import { Button, Checkbox, NativeSelect, NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { Decision, ViewingRequest } from '../../api/viewing.ts';
import { MATTERS, type Matter, PARTS, type Part } from '../sharing/consent-rule.ts';
import { useConsentWords } from '../sharing/consent-words.ts';
import { narrowed } from './narrow.ts';
import styles from './request-card.module.css';
import { useDuration } from './request-words.ts';

const STEPS = [15, 60, 240, 1440, 7 * 1440, 30 * 1440];

/** An approval of less than was asked for: fewer parts, less time, a number of looks. */
export function NarrowForm({
  request,
  busy,
  onDecide,
  onBack,
}: {
  request: ViewingRequest;
  busy: boolean;
  onDecide: (decision: Decision) => void;
  onBack: () => void;
}) {
  const { t } = useLingui();
  const words = useConsentWords();
  const duration = useDuration();
  const { scope } = request;
  const offered = (Object.keys(PARTS) as Part[]).filter(
    (part) => scope.types.length === 0 || PARTS[part].some((type) => scope.types.includes(type)),
  );
  const sensitive = MATTERS.filter((matter) => scope.sensitivities.includes(matter));
  const [parts, setParts] = useState<readonly string[]>(offered);
  const [matters, setMatters] = useState<readonly string[]>(sensitive);
  const [minutes, setMinutes] = useState(request.minutes);
  const [views, setViews] = useState<number | undefined>(request.views);
  const steps = [...new Set([...STEPS.filter((step) => step < request.minutes), request.minutes])];
  const none = offered.length > 0 && parts.length === 0;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onDecide(
          narrowed(request, {
            parts: parts as Part[],
            of: offered,
            matters: matters as Matter[],
            minutes,
            ...(views !== undefined && { views }),
          }),
        );
      }}
    >
      {offered.length > 0 && scope.records.length === 0 && (
        <Checkbox.Group label={t`What may be seen`} value={[...parts]} onChange={setParts}>
          {offered.map((part) => (
            <Checkbox key={part} label={words.part(part)} my={10} value={part} />
          ))}
        </Checkbox.Group>
      )}
      {sensitive.length > 0 && (
        <Checkbox.Group label={t`Sensitive matters`} value={[...matters]} onChange={setMatters}>
          {sensitive.map((matter) => (
            <Checkbox key={matter} label={words.matter(matter)} my={10} value={matter} />
          ))}
        </Checkbox.Group>
      )}
      <NativeSelect
        data={steps.map((step) => ({ value: String(step), label: duration(step) }))}
        label={t`For how long`}
        size="md"
        value={String(minutes)}
        onChange={(event) => setMinutes(Number(event.currentTarget.value))}
      />
      <NumberInput
        allowDecimal={false}
        label={t`How many looks at most; empty is any number`}
        max={request.views ?? 10_000}
        min={1}
        size="md"
        value={views ?? ''}
        onChange={(value) => setViews(typeof value === 'number' ? value : undefined)}
      />
      <div className={styles.actions}>
        <Button disabled={none} loading={busy} size="md" type="submit">
          <Trans>Approve this</Trans>
        </Button>
        <Button disabled={busy} size="md" variant="default" onClick={onBack}>
          <Trans>Back</Trans>
        </Button>
      </div>
    </form>
  );
}
