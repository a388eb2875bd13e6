import { Trans, useLingui } from '@lingui/react/macro';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Patient } from 'fhir/r4';
import { useEffect, useRef, useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { PageHeader } from '../../design/page-header.tsx';
import { Panel } from '../../design/panel.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import styles from './find-page.module.css';
import { onListKeys } from './list-keys.ts';
import { MatchForm } from './match-form.tsx';
import { patientSearch } from './patient-search.ts';
import { PersonLink } from './person-link.tsx';

const PAUSE_MS = 150;

/** Finds a patient whose record is open to the reader; others by what one must know of them. */
export function FindPage() {
  const { t } = useLingui();
  const { fhir } = useServices();
  const [text, setText] = useState('');
  const [typed] = useDebouncedValue(text, PAUSE_MS);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector('input')?.focus(), []);
  const search = patientSearch(typed) ?? { _count: 30, _sort: '-_lastUpdated' };
  const found = useQuery({
    queryKey: ['patients', search],
    queryFn: ({ signal }) => fhir.search<Patient>('Patient', search, { signal }),
    placeholderData: keepPreviousData,
  });
  const people = found.data?.resources.filter(({ resourceType }) => resourceType === 'Patient') ?? [];
  return (
    <div className={styles.page}>
      <PageHeader title={<Trans>Patients</Trans>}>
        <Trans>
          Name in any script, number, or date of birth. Arrow keys move, Enter opens, a slash comes back here.
        </Trans>
      </PageHeader>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys move between the field and the links within */}
      <div ref={box} onKeyDown={onListKeys}>
        <SearchField autoFocus label={t`Find a patient`} value={text} onChange={setText} />
        <Panel title={typed.trim() === '' ? <Trans>In your care lately</Trans> : <Trans>Open to you</Trans>}>
          {found.isPending && <Skeleton height={56} lines={5} />}
          {found.isError && <ErrorState error={found.error} onRetry={() => void found.refetch()} />}
          {found.isSuccess && people.length === 0 && (
            <EmptyState icon="search" title={<Trans>Nobody found</Trans>}>
              <Trans>
                None of the records that are open to you fits. Look the person up below to ask for approval.
              </Trans>
            </EmptyState>
          )}
          <ul className={styles.people}>
            {people.map((patient) => (
              <li key={patient.id}>
                <PersonLink patient={patient} />
              </li>
            ))}
          </ul>
        </Panel>
      </div>
      <Panel title={<Trans>Somebody who is not in your care</Trans>}>
        <MatchForm />
      </Panel>
    </div>
  );
}
