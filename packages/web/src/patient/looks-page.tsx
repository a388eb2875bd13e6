import { Trans, useLingui } from '@lingui/react/macro';
import { Button, Switch } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useServices } from '../app/services.tsx';
import { EmptyState } from '../design/empty-state.tsx';
import { ErrorState } from '../design/error-state.tsx';
import { PageHeader } from '../design/page-header.tsx';
import { Panel } from '../design/panel.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { Tag } from '../design/tag.tsx';
import { useFormat } from '../i18n/format.ts';
import { useKindNames } from '../records/kind-names.ts';
import { inLanguage } from '../records/words.ts';
import { useActNames, usePurposeNames } from './look-names.ts';
import { type Look, lookOf, looksQuery } from './looks.ts';
import styles from './looks-page.module.css';
import { useSubject } from './subject.tsx';

const route = getRouteApi('/me');

/** Who looked at the record, when, at what and why. */
export function LooksPage() {
  const { fhir } = useServices();
  const { account } = route.useRouteContext();
  const { patientId } = useSubject();
  const [withOwn, setWithOwn] = useState(false);
  const query = useInfiniteQuery(looksQuery(fhir, patientId));
  const all = useMemo(() => (query.data?.pages ?? []).flatMap(({ resources }) => resources.map(lookOf)), [query.data]);
  const looks = withOwn ? all : all.filter(({ actor }) => actor === undefined || actor !== account.fhirUser);
  return (
    <>
      <PageHeader
        actions={
          <Switch
            checked={withOwn}
            label={<Trans>Show my own looks too</Trans>}
            onChange={(event) => setWithOwn(event.currentTarget.checked)}
          />
        }
        title={<Trans>Who looked</Trans>}
      >
        <Trans>
          Every look at your record is written down before the page opens. None can be left out or taken back.
        </Trans>
      </PageHeader>
      {query.isPending && <Skeleton lines={5} />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && looks.length === 0 && !query.hasNextPage && (
        <EmptyState icon="eye" title={<Trans>Nobody else has looked</Trans>} />
      )}
      {looks.length > 0 && (
        <Panel>
          <ul>
            {looks.map((look) => (
              <LookLine key={look.id} look={look} own={look.actor === account.fhirUser} />
            ))}
          </ul>
        </Panel>
      )}
      {query.hasNextPage && (
        <Button
          className={styles.more}
          loading={query.isFetchingNextPage}
          variant="default"
          onClick={() => void query.fetchNextPage()}
        >
          <Trans>Show earlier ones</Trans>
        </Button>
      )}
    </>
  );
}

function LookLine({ look, own }: { look: Look; own: boolean }) {
  const { i18n } = useLingui();
  const { now } = useServices();
  const format = useFormat();
  const kinds = useKindNames();
  const acts = useActNames();
  const purposes = usePurposeNames();
  const what = format.list(
    look.types
      .slice(0, 4)
      .map(([type, count]) => (count > 1 ? `${kinds(type)} × ${format.number(count)}` : kinds(type))),
  );
  return (
    <li className={styles.look}>
      <div>
        <p className={styles.who}>
          {own ? <Trans>You</Trans> : <bdi>{inLanguage(look.who, i18n.locale)}</bdi>}
          {look.refused && (
            <Tag tone="caution">
              <Trans>Refused</Trans>
            </Tag>
          )}
          {look.act === 'break-glass' && (
            <Tag tone="danger">
              <Trans>Emergency access</Trans>
            </Tag>
          )}
        </p>
        <p className={styles.what}>{[acts(look.act), what, purposes(look.purpose)].filter(Boolean).join(' · ')}</p>
      </div>
      <time className={styles.when} dateTime={look.at} title={format.dateTime(look.at)}>
        {format.ago(look.at, now())}
      </time>
    </li>
  );
}
