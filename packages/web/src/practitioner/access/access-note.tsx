import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { useFormat } from '../../i18n/format.ts';
import { useChart } from '../chart/chart.tsx';
import styles from './access.module.css';
import { AskDialog } from './ask-dialog.tsx';
import { mayRead, myGrants } from './viewing.ts';

/** Says when the chart is open by a broken glass, and when policy lets the reader know that it may not be whole. */
export function AccessNote() {
  const { http, fhir, now } = useServices();
  const format = useFormat();
  const { patientId } = useChart();
  const [asking, setAsking] = useState(false);
  const grants = useQuery({ queryKey: ['grants'], queryFn: ({ signal }) => myGrants(http, signal), staleTime: 30_000 });
  const may = useQuery({
    queryKey: ['may', patientId, 'Condition'],
    queryFn: ({ signal }) => mayRead(fhir, 'Condition', patientId, signal),
    staleTime: 60_000,
  });
  const broken = grants.data?.find(
    (grant) => grant.kind === 'break-glass' && grant.patientId === patientId && !grant.ended && grant.until > now(),
  );
  if (broken) {
    const until = format.time(new Date(broken.until).toISOString());
    return (
      <p className={styles.note} data-tone="caution">
        <Trans>Open by break-glass until {until}. The patient is told, and somebody reviews it.</Trans>
      </p>
    );
  }
  if (may.data?.all !== false || !may.data.remedies.includes('ask-for-approval')) return null;
  return (
    <p className={styles.note}>
      <Trans>This chart may not be whole: some kinds of record are closed to you.</Trans>{' '}
      <Button size="compact-sm" variant="subtle" onClick={() => setAsking(true)}>
        <Trans>Ask for approval</Trans>
      </Button>
      <AskDialog opened={asking} patientId={patientId} onClose={() => setAsking(false)} />
    </p>
  );
}
