import { Trans, useLingui } from '@lingui/react/macro';
import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Bundle, Patient } from 'fhir/r4';
import { type FormEvent, useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { rememberCard } from '../access/name-card.ts';
import styles from './find-page.module.css';
import { isoDay } from './patient-search.ts';
import { PersonLink } from './person-link.tsx';

/**
 * Looks somebody up whose record is closed (`Patient/$match`): by full name and date of birth, so that nobody can leaf
 * through people. That it was asked stands in the patient's record.
 */
export function MatchForm() {
  const { t } = useLingui();
  const { fhir, queries } = useServices();
  const [name, setName] = useState('');
  const [born, setBorn] = useState('');
  const day = isoDay(born.trim());
  const match = useMutation({
    mutationFn: async (): Promise<Patient[]> => {
      const resource = { resourceType: 'Patient', name: [{ text: name.trim() }], birthDate: day };
      const parameters = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource }] };
      const bundle = await fhir.operation<Bundle<Patient>>('Patient/$match', parameters);
      const people = (bundle.entry ?? []).flatMap(({ resource: found }) => (found ? [found] : []));
      for (const person of people) rememberCard(queries, person);
      return people;
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() !== '' && day !== undefined) match.mutate();
  };
  return (
    <>
      <p className={styles.lead}>
        <Trans>Full name and date of birth. You see a name card only, and the patient sees that you asked.</Trans>
      </p>
      <form className={styles.form} onSubmit={submit}>
        <TextInput
          label={t`Full name`}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          error={born.trim().length >= 8 && day === undefined ? t`Write it as 1980-02-03 or 3/2/1980.` : undefined}
          inputMode="numeric"
          label={t`Date of birth`}
          maxLength={20}
          placeholder="1980-02-03"
          value={born}
          onChange={(event) => setBorn(event.currentTarget.value)}
        />
        <Button
          disabled={name.trim() === '' || day === undefined}
          loading={match.isPending}
          type="submit"
          variant="default"
        >
          <Trans>Look up</Trans>
        </Button>
      </form>
      {match.isError && <ErrorState error={match.error} />}
      {match.data?.length === 0 && (
        <EmptyState icon="search" level={3} title={<Trans>Nobody has this name and date of birth</Trans>} />
      )}
      <ul className={styles.people}>
        {match.data?.map((patient) => (
          <li key={patient.id}>
            <PersonLink patient={patient} />
          </li>
        ))}
      </ul>
    </>
  );
}
