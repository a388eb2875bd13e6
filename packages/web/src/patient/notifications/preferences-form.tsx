import { Trans, useLingui } from '@lingui/react/macro';
import { Button, Radio, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Preferences } from '../../api/viewing.ts';
import { useViewing } from '../../app/use-viewing.ts';
import { useErrorSentence } from '../../design/error-state.tsx';
import styles from '../links/links-page.module.css';
import { clockOf, minuteOf } from './clock.ts';

const NIGHT = { from: 22 * 60, until: 7 * 60 };

/** How to hear of what happens to the record. */
export function PreferencesForm({ patientId, start }: { patientId: string; start: Preferences }) {
  const { t } = useLingui();
  const viewing = useViewing();
  const queries = useQueryClient();
  const [wanted, setWanted] = useState(start);
  const save = useMutation({
    mutationFn: () => viewing.setPreferences(patientId, wanted),
    onSuccess: (saved) => queries.setQueryData(['preferences', patientId], saved),
  });
  const sentence = useErrorSentence(save.error);
  const { quiet } = wanted;
  const set = (part: Partial<Preferences>): void => setWanted({ ...wanted, ...part });
  /** An empty field is an absent member. */
  const setText = (name: 'email' | 'webhook', value: string): void => {
    const { [name]: _old, ...others } = wanted;
    setWanted(value === '' ? others : { ...others, [name]: value });
  };
  const setQuiet = (times: { from: number; until: number } | undefined): void => {
    const { quiet: _old, ...others } = wanted;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    setWanted(times ? { ...others, quiet: { ...times, zone: quiet?.zone ?? zone } } : others);
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Radio.Group
        label={t`Tell me when somebody looks`}
        value={wanted.views}
        onChange={(views) => set({ views: views as Preferences['views'] })}
      >
        <Radio label={t`Every time`} my={10} value="every" />
        <Radio label={t`When it is unusual`} my={10} value="unusual" />
        <Radio label={t`Once a day, all together`} my={10} value="digest" />
        <Radio label={t`In emergencies only`} my={10} value="break-glass" />
      </Radio.Group>
      <Switch
        checked={quiet !== undefined}
        description={t`Only emergencies are told in these hours.`}
        label={t`Quiet hours`}
        size="md"
        onChange={(event) => setQuiet(event.currentTarget.checked ? NIGHT : undefined)}
      />
      {quiet && (
        <div className={styles.actions}>
          <TextInput
            label={t`From`}
            size="md"
            type="time"
            value={clockOf(quiet.from)}
            onChange={(event) => setQuiet({ ...quiet, from: minuteOf(event.currentTarget.value) ?? quiet.from })}
          />
          <TextInput
            label={t`Until`}
            size="md"
            type="time"
            value={clockOf(quiet.until)}
            onChange={(event) => setQuiet({ ...quiet, until: minuteOf(event.currentTarget.value) ?? quiet.until })}
          />
        </div>
      )}
      <TextInput
        autoComplete="email"
        description={t`Letters say that something happened, never what.`}
        label={t`E-mail, if you like`}
        maxLength={254}
        size="md"
        type="email"
        value={wanted.email ?? ''}
        onChange={(event) => setText('email', event.currentTarget.value)}
      />
      <TextInput
        description={t`For your own programs.`}
        label={t`Webhook, if you like`}
        maxLength={500}
        size="md"
        type="url"
        value={wanted.webhook ?? ''}
        onChange={(event) => setText('webhook', event.currentTarget.value)}
      />
      {wanted.neverAsk.length > 0 && (
        <fieldset className={styles.never}>
          <legend>
            <Trans>May never ask me again</Trans>
          </legend>
          {wanted.neverAsk.map((actor) => (
            <p className={styles.line} key={actor}>
              <bdi>{actor}</bdi>
              <Button
                size="sm"
                variant="default"
                onClick={() => set({ neverAsk: wanted.neverAsk.filter((one) => one !== actor) })}
              >
                <Trans>May ask again</Trans>
              </Button>
            </p>
          ))}
        </fieldset>
      )}
      {save.isError && (
        <p className={styles.failure} role="alert">
          {sentence}
        </p>
      )}
      <div>
        <Button loading={save.isPending} size="md" type="submit">
          <Trans>Save</Trans>
        </Button>
        {save.isSuccess && (
          <span className={styles.meta} role="status">
            {' '}
            <Trans>Saved</Trans>
          </span>
        )}
      </div>
    </form>
  );
}
