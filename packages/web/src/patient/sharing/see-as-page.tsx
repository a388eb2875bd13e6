import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Parameters } from 'fhir/r4';
import { useMemo } from 'react';
import { type Page, queryOf } from '../../api/fhir.ts';
import { useServices } from '../../app/services.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { PageHeader } from '../../design/page-header.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { Timeline } from '../../design/timeline.tsx';
import { useFormat } from '../../i18n/format.ts';
import { entriesOf } from '../../records/entries.ts';
import { contentOf } from '../../records/load-record.ts';
import { SummaryCard } from '../../records/summary-card.tsx';
import { inLanguage, plain } from '../../records/words.ts';
import { useSubject } from '../subject.tsx';
import styles from './see-as-page.module.css';

const route = getRouteApi('/me/sharing/as/$type/$id');

/** The record as somebody else would see it at this moment: the server decides as it would for that person. */
export function SeeAsPage() {
  const { t, i18n } = useLingui();
  const { type, id } = route.useParams();
  const { name = '' } = route.useSearch();
  const { fhir } = useServices();
  const { patientId } = useSubject();
  const format = useFormat();
  const viewer = `${type}/${id}`;
  const record = useInfiniteQuery({
    queryKey: ['record as', patientId, viewer],
    queryFn: ({ pageParam, signal }): Promise<Page> => fhir.page(pageParam, { signal, headers: { 'view-as': viewer } }),
    // not $everything: it needs the Patient itself, which a rule about medicines alone does not open
    initialPageParam: `/fhir/Patient/${encodeURIComponent(patientId)}/*?_count=500`,
    getNextPageParam: (last: Page) => last.next,
    gcTime: 0,
    retry: false,
  });
  const entries = useMemo(
    () => entriesOf(contentOf(record.data?.pages, patientId).entries, i18n.locale, format.month),
    [record.data, patientId, i18n.locale, format],
  );
  const who = inLanguage(plain(name), i18n.locale) || viewer;
  return (
    <>
      <Link className={styles.back} to="/me/sharing">
        <Icon name="back" size={18} />
        <Trans>Sharing</Trans>
      </Link>
      <PageHeader title={<Trans>What {who} sees</Trans>}>
        {record.data && <Plural one="# entry" other="# entries" value={entries.length} />}
      </PageHeader>
      <Because viewer={viewer} />
      {record.isPending && <Skeleton lines={5} />}
      {record.isError && <ErrorState error={record.error} onRetry={() => void record.refetch()} />}
      {record.data && entries.length === 0 && (
        <EmptyState icon="shield" title={<Trans>Nothing at all</Trans>}>
          <Trans>This person sees nothing of your record. They can ask you for approval.</Trans>
        </EmptyState>
      )}
      <Timeline entries={entries} label={t`Entries`}>
        {({ summary }) => <SummaryCard summary={summary} />}
      </Timeline>
    </>
  );
}

const KINDS = ['Condition', 'MedicationRequest', 'Observation', 'DocumentReference'] as const;

/** By which rules the person sees what, in short. */
function Because({ viewer }: { viewer: string }) {
  const { fhir } = useServices();
  const { patientId } = useSubject();
  const reasons = useReasonNames();
  const may = useQuery({
    queryKey: ['may', patientId, viewer],
    queryFn: async ({ signal }) => {
      const asked = KINDS.map((what) =>
        fhir.operation<Parameters>(`$may?${queryOf({ what, patient: patientId, viewer })}`, undefined, { signal }),
      );
      const because = (await Promise.all(asked)).flatMap(({ parameter = [] }) =>
        parameter.flatMap(({ name, valueString }) => (name === 'because' ? [valueString ?? ''] : [])),
      );
      return [...new Set(because.map(reasonOf))];
    },
  });
  if (may.data === undefined || may.data.length === 0) return null;
  return (
    <Panel title={<Trans>Because</Trans>}>
      <ul className={styles.reasons}>
        {may.data.map((reason) => (
          <li key={reason}>{reasons(reason)}</li>
        ))}
      </ul>
    </Panel>
  );
}

/** A basis names policies, and consents as `Consent/1`; here only its kind matters. */
function reasonOf(basis: string): string {
  return /consent/i.test(basis) ? 'consent' : basis.replace(/-\d+$/, '');
}

function useReasonNames(): (reason: string) => string {
  const { t } = useLingui();
  const names: Readonly<Record<string, string>> = {
    consent: t`You have given a consent.`,
    'treating-person': t`They treat you in person.`,
    'treating-organisation': t`You are in the care of the place where they work.`,
    author: t`They wrote it themselves.`,
    approval: t`You have approved a request.`,
    'break-glass': t`They opened your record in an emergency.`,
  };
  return (reason) => names[reason] ?? reason;
}
