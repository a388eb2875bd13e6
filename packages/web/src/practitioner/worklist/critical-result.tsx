import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Observation, Patient, Task } from 'fhir/r4';
import { useServices } from '../../app/services.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Tag } from '../../design/tag.tsx';
import { summaryOf } from '../../records/summary.ts';
import { PatientLine } from '../patient-line.tsx';
import styles from './worklist-page.module.css';

/** A critical result: whose, what, and the button that says "I know" (`Task/[id]/$acknowledge`). */
export function CriticalResult({ task, people }: { task: Task; people: ReadonlyMap<string, Patient> }) {
  const { i18n } = useLingui();
  const { fhir, queries } = useServices();
  const [patient = '', result = ''] = [task.for?.reference, task.focus?.reference].map((one) => one?.split('/')[1]);
  const person = people.get(patient);
  const observation = useQuery({
    queryKey: ['result', result],
    queryFn: ({ signal }) => fhir.read<Observation>('Observation', result, { signal }),
    enabled: result !== '',
  });
  const acknowledge = useMutation({
    mutationFn: () => {
      const parameter = [{ name: 'readBack', valueBoolean: true }];
      return fhir.operation(`Task/${task.id}/$acknowledge`, { resourceType: 'Parameters', parameter });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['worklist'] }),
  });
  const summary = observation.data && summaryOf(observation.data, i18n.locale);
  return (
    <div className={styles.critical}>
      <Link params={{ patient, type: 'Observation', id: result }} to="/clinic/patients/$patient/$type/$id">
        {person && <PatientLine patient={person} />}
        <span className={styles.head}>
          <bdi>{summary && `${summary.title} ${summary.value}`}</bdi>
          <Tag tone="danger">
            <Trans>Critical</Trans>
          </Tag>
        </span>
      </Link>
      <Button loading={acknowledge.isPending} onClick={() => acknowledge.mutate()}>
        <Trans>I have read it and act on it</Trans>
      </Button>
      {acknowledge.isError && <ErrorState error={acknowledge.error} />}
    </div>
  );
}
