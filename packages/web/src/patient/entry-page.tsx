import { Trans, useLingui } from '@lingui/react/macro';
import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useServices } from '../app/services.tsx';
import { ErrorState } from '../design/error-state.tsx';
import { Icon } from '../design/icon.tsx';
import { Panel } from '../design/panel.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useFormat } from '../i18n/format.ts';
import { useKindNames } from '../records/kind-names.ts';
import { mayHavePlainWords, PlainWordsPanel } from '../records/plain-words-panel.tsx';
import { ProofPanel } from '../records/proof-panel.tsx';
import { ReadingsPanel } from '../records/readings-panel.tsx';
import { RecordView } from '../records/record-view.tsx';
import { SourcePanel } from '../records/source-panel.tsx';
import { summaryOf } from '../records/summary.ts';
import { VersionsPanel } from '../records/versions-panel.tsx';
import styles from './entry-page.module.css';

const route = getRouteApi('/me/record/$type/$id');

/** One entry of the record: readable, proven, with its versions and its source. */
export function EntryPage() {
  const { type, id } = route.useParams();
  const { i18n } = useLingui();
  const { fhir } = useServices();
  const format = useFormat();
  const kindName = useKindNames();
  const stored = useQuery({
    queryKey: ['stored', type, id],
    queryFn: ({ signal }) => fhir.stored(type, id, undefined, signal),
  });
  if (stored.isPending) return <Skeleton height={120} lines={3} />;
  if (stored.isError) return <ErrorState error={stored.error} onRetry={() => void stored.refetch()} />;
  const { resource, bytes } = stored.data;
  const { title, date, version } = summaryOf(resource, i18n.locale);
  return (
    <article>
      <Link className={styles.back} to="/me/record">
        <Icon name="back" size={18} />
        <Trans>My record</Trans>
      </Link>
      <header className={styles.header}>
        <p className={styles.kind}>
          {kindName(type)}
          {date !== '' && ` · ${format.date(date)}`}
        </p>
        <h1>
          <bdi>{title === '' ? kindName(type) : title}</bdi>
        </h1>
      </header>
      <ProofPanel bytes={bytes} id={id} key={`${type}/${id}/${version}`} type={type} version={version} />
      <Tabs className={styles.tabs} defaultValue="read" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="read">
            <Trans>To read</Trans>
          </Tabs.Tab>
          <Tabs.Tab value="versions">
            <Trans>Versions</Trans>
          </Tabs.Tab>
          <Tabs.Tab value="source">
            <Trans>Source</Trans>
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="read">
          <Panel>
            <RecordView resource={resource} />
          </Panel>
          {mayHavePlainWords(resource) && <PlainWordsPanel id={id} type={type} />}
          {type === 'DiagnosticReport' && <ReadingsPanel id={id} />}
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <Panel>
            <VersionsPanel id={id} type={type} />
          </Panel>
        </Tabs.Panel>
        <Tabs.Panel value="source">
          <Panel>
            <SourcePanel bytes={bytes} name={`${type}-${id}`} />
          </Panel>
        </Tabs.Panel>
      </Tabs>
    </article>
  );
}
