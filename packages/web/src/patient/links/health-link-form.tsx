import { Trans, useLingui } from '@lingui/react/macro';
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { HealthLinkAsked } from '../../api/viewing.ts';
import { useServices } from '../../app/services.tsx';
import { useErrorSentence } from '../../design/error-state.tsx';
import { useDuration } from '../approvals/request-words.ts';
import styles from './links-page.module.css';

const DAYS = [1, 7, 30, 365];
const DAY_MS = 86_400_000;

/** What a new health link is for, how long it is good, and its passcode. */
export function HealthLinkForm({
  patientId,
  busy,
  error,
  onCreate,
  onCancel,
}: {
  patientId: string;
  busy: boolean;
  error: unknown;
  onCreate: (asked: HealthLinkAsked) => void;
  onCancel: () => void;
}) {
  const { t } = useLingui();
  const { now } = useServices();
  const duration = useDuration();
  const [label, setLabel] = useState('');
  const [days, setDays] = useState(7);
  const [passcode, setPasscode] = useState('');
  const sentence = useErrorSentence(error);
  // within the year that the server allows, however slow the way there is
  const expires = (): number => now() + days * DAY_MS - 60_000;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onCreate({ patient: patientId, label, expires: expires(), ...(passcode !== '' && { passcode }) });
      }}
    >
      <TextInput
        label={t`What for`}
        maxLength={80}
        placeholder={t`Such as a holiday`}
        size="md"
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      <NativeSelect
        data={DAYS.map((day) => ({ value: String(day), label: duration(day * 1440) }))}
        label={t`Good for`}
        size="md"
        value={String(days)}
        onChange={(event) => setDays(Number(event.currentTarget.value))}
      />
      <TextInput
        autoComplete="off"
        description={t`Tell it to the person who opens the link. Leave it empty for none.`}
        label={t`Passcode, at least four characters`}
        maxLength={64}
        minLength={4}
        size="md"
        value={passcode}
        onChange={(event) => setPasscode(event.currentTarget.value)}
      />
      {error !== null && (
        <p className={styles.failure} role="alert">
          {sentence}
        </p>
      )}
      <div className={styles.actions}>
        <Button loading={busy} size="md" type="submit">
          <Trans>Make the link</Trans>
        </Button>
        <Button size="md" variant="default" onClick={onCancel}>
          <Trans>Cancel</Trans>
        </Button>
      </div>
    </form>
  );
}
