import { Trans, useLingui } from '@lingui/react/macro';
import { Button, Checkbox } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { useErrorSentence } from '../../design/error-state.tsx';
import { PageHeader } from '../../design/page-header.tsx';
import { Panel } from '../../design/panel.tsx';
import { useKindNames } from '../../records/kind-names.ts';
import styles from '../office.module.css';
import { ExportLine } from './export-line.tsx';
import { startExport } from './exports-api.ts';

const TYPES = ['Patient', 'Encounter', 'Condition', 'Observation', 'MedicationRequest', 'Appointment', 'Coverage'];
const KEPT = 'meridian.exports';

/** Exports of many records: what the account may see, as files of one record a line. */
export function ExportsPage() {
  const { t } = useLingui();
  const { http } = useServices();
  const kinds = useKindNames();
  const [types, setTypes] = useState<string[]>(['Patient']);
  const [jobs, setJobs] = useState(kept);
  const keep = (paths: string[]): void => {
    sessionStorage.setItem(KEPT, JSON.stringify(paths));
    setJobs(paths);
  };
  const start = useMutation({
    mutationFn: () => startExport(http, types),
    onSuccess: (path) => keep([path, ...jobs]),
  });
  const sentence = useErrorSentence(start.error);
  return (
    <>
      <PageHeader title={<Trans>Exports</Trans>}>
        <Trans>What you may see, and no more, as files. Each record in them is on its patient's list of looks.</Trans>
      </PageHeader>
      <Panel title={<Trans>New export</Trans>}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            start.mutate();
          }}
        >
          <Checkbox.Group label={t`Which records`} value={types} onChange={setTypes}>
            {TYPES.map((type) => (
              <Checkbox key={type} label={kinds(type)} my={10} value={type} />
            ))}
          </Checkbox.Group>
          {start.isError && (
            <p className={styles.failure} role="alert">
              {sentence}
            </p>
          )}
          <Button disabled={types.length === 0} loading={start.isPending} mt="md" size="md" type="submit">
            <Trans>Start</Trans>
          </Button>
        </form>
      </Panel>
      {jobs.length > 0 && (
        <Panel title={<Trans>Started in this window</Trans>}>
          <ul>
            {jobs.map((path) => (
              <ExportLine key={path} path={path} onEnded={() => keep(jobs.filter((one) => one !== path))} />
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}

/** Paths of jobs: they say nothing about anybody, and open nothing without the token. */
function kept(): string[] {
  try {
    const paths = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]') as unknown;
    return Array.isArray(paths) ? paths.filter((path) => typeof path === 'string' && path.startsWith('/fhir/')) : [];
  } catch {
    return [];
  }
}
