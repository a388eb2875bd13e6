import { Trans, useLingui } from '@lingui/react/macro';
import { Button, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Coding } from 'fhir/r4';
import { useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { type ComparedFinding, findingInWords, type Presence, readingParameters } from '../../records/readings.ts';
import { readingsKey, usePresenceNames } from '../../records/readings-panel.tsx';
import { plain } from '../../records/words.ts';
import styles from './reading-form.module.css';

/** One's own reading of a report: signed, never over another's. For each finding that others named one says how one sees it. */
export function ReadingForm({ id, findings }: { id: string; findings: readonly ComparedFinding[] }) {
  const { t } = useLingui();
  const { fhir } = useServices();
  const client = useQueryClient();
  const presenceName = usePresenceNames();
  const [summary, setSummary] = useState('');
  const [own, setOwn] = useState('');
  const [seen, setSeen] = useState<Readonly<Record<string, Presence>>>({});
  const choices = (['present', 'absent', 'uncertain'] as const).map((value) => ({ value, label: presenceName(value) }));
  const sign = useMutation({
    mutationFn: () => {
      const named = findings.flatMap(({ code }): { code: Coding; presence: Presence }[] => {
        const presence = seen[keyOf(code)];
        return presence === undefined ? [] : [{ code, presence }];
      });
      const added = own.trim() === '' ? [] : [{ code: findingInWords(own), presence: 'present' as const }];
      return fhir.operation(
        `DiagnosticReport/${id}/$interpretation`,
        readingParameters(summary, [...named, ...added], undefined),
      );
    },
    onSuccess: async () => {
      setSummary('');
      setOwn('');
      setSeen({});
      await client.invalidateQueries({ queryKey: readingsKey(id) });
    },
  });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        sign.mutate();
      }}
    >
      <Textarea
        autosize
        required
        label={t`Your reading`}
        maxLength={4000}
        minRows={3}
        value={summary}
        onChange={(event) => setSummary(event.currentTarget.value)}
      />
      {findings.map(({ code }) => {
        const name = plain(code.display ?? code.code ?? '');
        return (
          <div key={keyOf(code)}>
            <p className={styles.finding}>
              <bdi>{name}</bdi>
            </p>
            <SegmentedControl
              aria-label={name}
              data={choices}
              value={seen[keyOf(code)] ?? ''}
              onChange={(value) => setSeen({ ...seen, [keyOf(code)]: value as Presence })}
            />
          </div>
        );
      })}
      <TextInput
        label={t`A finding that you see and nobody has named`}
        maxLength={100}
        value={own}
        onChange={(event) => setOwn(event.currentTarget.value)}
      />
      {sign.isError && <ErrorState error={sign.error} onRetry={() => sign.mutate()} />}
      <Button disabled={summary.trim() === ''} loading={sign.isPending} type="submit">
        <Trans>Sign</Trans>
      </Button>
    </form>
  );
}

function keyOf({ system, code }: Coding): string {
  return `${system ?? ''}|${code ?? ''}`;
}
