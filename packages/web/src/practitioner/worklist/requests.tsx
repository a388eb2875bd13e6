import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { followEvents } from '../../api/events.ts';
import { useServices } from '../../app/services.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Panel } from '../../design/panel.tsx';
import { Tag, type Tone } from '../../design/tag.tsx';
import { useFormat } from '../../i18n/format.ts';
import { plain } from '../../records/words.ts';
import { myGrants, myRequests, type ViewingRequest } from '../access/viewing.ts';
import styles from './worklist-page.module.css';

const route = getRouteApi('/clinic');
const MOST = 20;

const TONES: Readonly<Record<ViewingRequest['state'], Tone>> = {
  waiting: 'caution',
  approved: 'good',
  refused: 'danger',
  withdrawn: 'plain',
  expired: 'plain',
};

/** What was asked of patients with the answers, as they come; and charts that are open by a broken glass. */
export function Requests() {
  const { account } = route.useRouteContext();
  const { http, queries, now } = useServices();
  const format = useFormat();
  const requests = useQuery({ queryKey: ['requests'], queryFn: ({ signal }) => myRequests(http, signal) });
  const grants = useQuery({ queryKey: ['grants'], queryFn: ({ signal }) => myGrants(http, signal) });
  useEffect(() => {
    const stop = new AbortController();
    const again = (): void => {
      void queries.invalidateQueries({ queryKey: ['requests'] });
      void queries.invalidateQueries({ queryKey: ['worklist'] });
    };
    // without the stream the lists are still right: they are asked for again when the page is
    followEvents(http, '/viewing/stream', again, { signal: stop.signal, random: Math.random }).catch(() => undefined);
    return () => stop.abort();
  }, [http, queries]);
  const own = (requests.data ?? []).filter(({ requester }) => requester.actor === account.fhirUser).slice(0, MOST);
  const open = (grants.data ?? []).filter((one) => one.kind === 'break-glass' && !one.ended && one.until > now());
  return (
    <div>
      {open.length > 0 && (
        <Panel title={<Trans>Open by break-glass</Trans>}>
          <ul className={styles.rows}>
            {open.map((grant) => {
              const until = format.time(new Date(grant.until).toISOString());
              return (
                <li className={styles.request} key={grant.id}>
                  <span>
                    <Trans>until {until}</Trans>
                  </span>
                  <Link params={{ patient: grant.patientId }} to="/clinic/patients/$patient">
                    <Trans>Open the chart</Trans>
                  </Link>
                </li>
              );
            })}
          </ul>
        </Panel>
      )}
      <Panel title={<Trans>My requests for approval</Trans>}>
        {requests.isError && <ErrorState error={requests.error} onRetry={() => void requests.refetch()} />}
        {requests.isSuccess && own.length === 0 && (
          <p className={styles.reason}>
            <Trans>Nothing asked. Where a chart is closed, you can ask the patient there.</Trans>
          </p>
        )}
        <ul className={styles.rows}>
          {own.map((request) => (
            <li className={styles.request} key={request.id}>
              <Request request={request} />
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}

function Request({ request }: { request: ViewingRequest }) {
  const { http, queries, now } = useServices();
  const format = useFormat();
  const names = useStateNames();
  const { id, state, words, created, answer, patientId } = request;
  const withdraw = useMutation({
    mutationFn: () => http.json(`/viewing/requests/${encodeURIComponent(id)}/withdrawal`, { method: 'POST', json: {} }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['requests'] }),
  });
  return (
    <>
      <span className={styles.head}>
        <Tag tone={TONES[state]}>{names[state]}</Tag>
        <span className={styles.reason}>{format.ago(new Date(created).toISOString(), now())}</span>
      </span>
      <bdi>{plain(words)}</bdi>
      {answer !== undefined && <bdi className={styles.reason}>{plain(answer)}</bdi>}
      <span className={styles.head}>
        <Link params={{ patient: patientId }} to="/clinic/patients/$patient">
          <Trans>Open the chart</Trans>
        </Link>
        {state === 'waiting' && (
          <Button loading={withdraw.isPending} size="compact-sm" variant="subtle" onClick={() => withdraw.mutate()}>
            <Trans>Withdraw</Trans>
          </Button>
        )}
      </span>
      {withdraw.isError && <ErrorState error={withdraw.error} />}
    </>
  );
}

function useStateNames(): Readonly<Record<ViewingRequest['state'], string>> {
  const { t } = useLingui();
  return {
    waiting: t`Waiting`,
    approved: t`Approved`,
    refused: t`Refused`,
    withdrawn: t`Withdrawn`,
    expired: t`Expired`,
  };
}
