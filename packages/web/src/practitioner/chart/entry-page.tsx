import { Trans, useLingui } from '@lingui/react/macro';
import { Button, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { useFormat } from '../../i18n/format.ts';
import { useKindNames } from '../../records/kind-names.ts';
import { mayHavePlainWords, PlainWordsPanel } from '../../records/plain-words-panel.tsx';
import { ProofPanel } from '../../records/proof-panel.tsx';
import { ReadingsPanel } from '../../records/readings-panel.tsx';
import { RecordView } from '../../records/record-view.tsx';
import { SourcePanel } from '../../records/source-panel.tsx';
import { summaryOf } from '../../records/summary.ts';
import { VersionsPanel } from '../../records/versions-panel.tsx';
import { AmendDialog } from '../amend/amend-dialog.tsx';
import { isAmendable } from '../amend/amendable.ts';
import { Amendments } from '../amend/amendments.tsx';
import { useChart } from './chart.tsx';
import styles from './entry-page.module.css';
import { isLate } from './late.ts';
import { LateTag } from './late-tag.tsx';
import { ReadingForm } from './reading-form.tsx';

const route = getRouteApi('/clinic/patients/$patient/$type/$id');

/** One record of the chart: readable, proven, with its versions and why they were made; amended with a reason. */
export function EntryPage() {
  const { type, id } = route.useParams();
  const { i18n } = useLingui();
  const { fhir } = useServices();
  const { patientId } = useChart();
  const format = useFormat();
  const kindName = useKindNames();
  const [amending, setAmending] = useState(false);
  const stored = useQuery({
    queryKey: ['stored', type, id],
    queryFn: ({ signal }) => fhir.stored(type, id, undefined, signal),
  });
  if (stored.isPending) return <Skeleton height={120} lines={3} />;
  if (stored.isError) return <ErrorState error={stored.error} onRetry={() => void stored.refetch()} />;
  const { resource, bytes } = stored.data;
  const { title, date, version } = summaryOf(resource, i18n.locale);
  const amendable = isAmendable(resource) ? resource : undefined;
  return (
    <article className={styles.entry}>
      <Link className={styles.back} params={{ patient: patientId }} to="/clinic/patients/$patient/timeline">
        <Icon name="back" size={18} />
        <Trans>Timeline</Trans>
      </Link>
      <header className={styles.header}>
        <div>
          <p className={styles.kind}>
            {kindName(type)}
            {date !== '' && ` · ${format.date(date)}`} {isLate(resource) && <LateTag />}
          </p>
          <h2>
            <bdi>{title === '' ? kindName(type) : title}</bdi>
          </h2>
        </div>
        {amendable && (
          <Button leftSection={<Icon name="history" size={18} />} variant="default" onClick={() => setAmending(true)}>
            <Trans>Amend</Trans>
          </Button>
        )}
      </header>
      <Tabs className={styles.tabs} defaultValue="read" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="read">
            <Trans>To read</Trans>
          </Tabs.Tab>
          <Tabs.Tab value="proof">
            <Trans>Proof</Trans>
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
          {type === 'DiagnosticReport' && (
            <ReadingsPanel id={id}>{({ findings }) => <ReadingForm findings={findings} id={id} />}</ReadingsPanel>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="proof">
          <ProofPanel bytes={bytes} id={id} key={`${type}/${id}/${version}`} type={type} version={version} />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <Panel>
            <Amendments reference={`${type}/${id}`} />
            <VersionsPanel id={id} type={type} />
          </Panel>
        </Tabs.Panel>
        <Tabs.Panel value="source">
          <Panel>
            <SourcePanel bytes={bytes} name={`${type}-${id}`} />
          </Panel>
        </Tabs.Panel>
      </Tabs>
      {amending && amendable && <AmendDialog resource={amendable} onClose={() => setAmending(false)} />}
    </article>
  );
}
