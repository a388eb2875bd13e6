import { Trans, useLingui } from '@lingui/react/macro';
import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { PageHeader } from '../../design/page-header.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { LookLine } from '../../records/look-line.tsx';
import { useActNames } from '../../records/look-names.ts';
import { lookOf, looksQuery } from '../../records/looks.ts';
import { usePlaces } from '../../records/use-places.ts';
import { inLanguage } from '../../records/words.ts';
import { useSubject } from '../subject.tsx';
import { LookSeal } from './look-seal.tsx';
import styles from './looks-page.module.css';
import { PlacesPanel } from './places-panel.tsx';

const route = getRouteApi('/me');

/** Who looked at the record, when, from where, at what and why, each with its seal. */
export function LooksPage() {
  const { t, i18n } = useLingui();
  const { fhir } = useServices();
  const { account } = route.useRouteContext();
  const { patientId } = useSubject();
  const acts = useActNames();
  const [withOwn, setWithOwn] = useState(false);
  const [agent, setAgent] = useState<string>();
  const [act, setAct] = useState('');
  const [from, setFrom] = useState('');
  const [place, setPlace] = useState<string>();
  const filter = { agent, from: from === '' ? undefined : from };
  // what happens while one looks at the page shows on it; an event is in the log a moment after it took place
  const live = { refetchInterval: 3000 };
  const query = useInfiniteQuery({
    ...looksQuery(fhir, patientId, filter),
    placeholderData: keepPreviousData,
    ...live,
  });
  const everybody = useInfiniteQuery({ ...looksQuery(fhir, patientId), ...live });
  const all = useMemo(() => (query.data?.pages ?? []).flatMap(({ resources }) => resources.map(lookOf)), [query.data]);
  const people = useMemo(() => {
    const looks = (everybody.data?.pages ?? []).flatMap(({ resources }) => resources.map(lookOf));
    return new Map(looks.flatMap(({ actor, who }) => (actor === undefined ? [] : [[actor, who] as const])));
  }, [everybody.data]);
  const others = all.filter(({ actor }) => withOwn || actor === undefined || actor !== account.fhirUser);
  const names = usePlaces(others.map(({ organization }) => organization));
  const looks = others.filter(
    (look) => (act === '' || look.act === act) && (place === undefined || look.organization === place),
  );
  return (
    <>
      <PageHeader title={<Trans>Who looked</Trans>}>
        <Trans>
          Every look at your record is written down before the page opens. None can be left out or taken back.
        </Trans>
      </PageHeader>
      <div className={styles.filters}>
        <NativeSelect
          data={[
            { value: '', label: t`Everybody` },
            ...[...people].map(([value, name]) => ({ value, label: inLanguage(name, i18n.locale) })),
          ]}
          label={t`Who`}
          size="md"
          value={agent ?? ''}
          onChange={({ currentTarget }) => setAgent(currentTarget.value === '' ? undefined : currentTarget.value)}
        />
        <NativeSelect
          data={[{ value: '', label: t`Everything` }, ...ACTS.map((value) => ({ value, label: acts(value) }))]}
          label={t`What`}
          size="md"
          value={act}
          onChange={({ currentTarget }) => setAct(currentTarget.value)}
        />
        <TextInput
          label={t`Since`}
          size="md"
          type="date"
          value={from}
          onChange={({ currentTarget }) => setFrom(currentTarget.value)}
        />
        <Switch
          checked={withOwn}
          label={<Trans>Show my own looks too</Trans>}
          onChange={({ currentTarget }) => setWithOwn(currentTarget.checked)}
        />
      </div>
      {query.isPending && <Skeleton lines={5} />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && looks.length === 0 && !query.hasNextPage && (
        <EmptyState icon="eye" title={<Trans>Nobody else has looked</Trans>} />
      )}
      <PlacesPanel chosen={place} looks={others} names={names} onChoose={setPlace} />
      {looks.length > 0 && (
        <Panel>
          <ul>
            {looks.map((look) => (
              <LookLine
                key={look.id}
                look={look}
                place={names.get(look.organization ?? '')}
                proof={<LookSeal look={look} />}
              />
            ))}
          </ul>
        </Panel>
      )}
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
    </>
  );
}

const ACTS = ['read', 'search', 'export', 'disclosure', 'refusal', 'break-glass'] as const;
