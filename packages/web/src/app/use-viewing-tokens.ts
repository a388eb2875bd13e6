import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Grant } from '../api/viewing.ts';
import { useServices } from './services.tsx';

/** Most viewing tokens that go along with a request; the server looks at no more. */
const MOST = 5;

/**
 * Collects the viewing tokens for a patient that approvals and access codes have given the reader, and presents them with
 * requests while the component is on the screen. What was closed before is asked for again once a token has come.
 */
export function useViewingTokens(patientId: string): void {
  const { http, now } = useServices();
  const queries = useQueryClient();
  const tokens = useQuery({
    // among the "grants", which notices renew: an approval opens the chart at once
    queryKey: ['grants', 'tokens', patientId],
    queryFn: async ({ signal }) => {
      const { grants } = await http.json<{ grants: Grant[] }>('/viewing/grants', { signal });
      const open = grants.filter(
        ({ kind, patientId: of, ended, until, viewsLeft }) =>
          (kind === 'approval' || kind === 'access-code') &&
          of === patientId &&
          !ended &&
          until > now() &&
          viewsLeft !== 0,
      );
      const collected = open.slice(0, MOST).map(async ({ id }) => {
        // one that was bound to another browser cannot be collected here
        const answer = await http
          .json<{ token: string }>('/tokens/viewing', { method: 'POST', json: { grant: id }, signal })
          .catch(() => undefined);
        return answer?.token ?? [];
      });
      return (await Promise.all(collected)).flat().join(',');
    },
    staleTime: 30_000,
  });
  const presented = tokens.data === '' ? undefined : tokens.data;
  useEffect(() => {
    http.presentViewing(presented);
    const about = ({ queryKey }: { queryKey: readonly unknown[] }): boolean =>
      ['record', 'may'].includes(String(queryKey[0])) && queryKey.includes(patientId);
    if (presented !== undefined) void queries.resetQueries({ predicate: about });
    return () => http.presentViewing(undefined);
  }, [http, queries, patientId, presented]);
}
