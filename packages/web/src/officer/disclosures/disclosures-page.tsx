import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Button, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { PageHeader } from '../../design/page-header.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { LookLine } from '../../records/look-line.tsx';
import { lookOf, looksQuery } from '../../records/looks.ts';
import { saveFile } from '../../records/save-file.ts';
import { usePlaces } from '../../records/use-places.ts';
import styles from '../office.module.css';
import { disclosureTable } from './disclosure-table.ts';

const route = getRouteApi('/office/disclosures');

/** To whom a record was shown, in a period: the accounting of disclosures of one patient. */
export function DisclosuresPage() {
  const { t } = useLingui();
  const { patient } = route.useSearch();
  const navigate = useNavigate();
  const [id, setId] = useState(patient ?? '');
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  return (
    <>
      <PageHeader title={<Trans>Disclosures</Trans>}>
        <Trans>Who looked at one record, in which role, why and on what ground. What they saw is not shown.</Trans>
      </PageHeader>
      <form
        className={styles.row}
        onSubmit={(event) => {
          event.preventDefault();
          void navigate({ to: '/office/disclosures', search: { patient: id.trim() } });
        }}
      >
        <TextInput
          label={t`Number of the patient's record`}
          maxLength={64}
          pattern="[A-Za-z0-9\-.]+"
          required
          size="md"
          value={id}
          onChange={({ currentTarget }) => setId(currentTarget.value)}
        />
        <TextInput
          label={t`From`}
          size="md"
          type="date"
          value={from}
          onChange={({ currentTarget }) => setFrom(currentTarget.value)}
        />
        <TextInput
          label={t`Until`}
          size="md"
          type="date"
          value={until}
          onChange={({ currentTarget }) => setUntil(currentTarget.value)}
        />
        <Button size="md" type="submit">
          <Trans>Show</Trans>
        </Button>
      </form>
      {patient === undefined ? (
        <EmptyState icon="eye" title={<Trans>Name a record</Trans>}>
          <Trans>Its number stands in the link of a review, and in what the records office knows.</Trans>
        </EmptyState>
      ) : (
        <Report from={from} patient={patient} until={until} />
      )}
    </>
  );
}

function Report({ patient, from, until }: { patient: string; from: string; until: string }) {
  const { fhir } = useServices();
  const query = useInfiniteQuery(looksQuery(fhir, patient, { from, until }));
  const looks = useMemo(
    () => (query.data?.pages ?? []).flatMap(({ resources }) => resources.map(lookOf)),
    [query.data],
  );
  const names = usePlaces(looks.map(({ organization }) => organization));
  if (query.isPending) return <Skeleton lines={4} />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const save = (): void =>
    saveFile(
      'disclosures.csv',
      'text/csv',
      disclosureTable(looks, (one) => names.get(one) ?? one),
    );
  return (
    <Panel
      actions={
        looks.length > 0 && (
          <Button leftSection={<Icon name="download" size={18} />} size="sm" variant="default" onClick={save}>
            <Trans>Save as a table</Trans>
          </Button>
        )
      }
      title={<Plural one="# look" other="# looks" value={looks.length} />}
    >
      {looks.length === 0 && !query.hasNextPage && <EmptyState icon="check" title={<Trans>Nobody looked</Trans>} />}
      <ul>
        {looks.map((look) => (
          <LookLine key={look.id} look={look} place={names.get(look.organization ?? '')} />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button
          className={styles.more}
          loading={query.isFetchingNextPage}
          size="md"
          variant="default"
          onClick={() => void query.fetchNextPage()}
        >
          <Trans>Show earlier ones</Trans>
        </Button>
      )}
    </Panel>
  );
}
