import { useQuery } from '@tanstack/react-query';
import type { ViewingRequest } from '../../api/viewing.ts';
import { useViewing } from '../../app/use-viewing.ts';
import { useSubject } from '../subject.tsx';

/** Who asked to see the record, newest first. */
export function useRequests() {
  const viewing = useViewing();
  const { patientId } = useSubject();
  return useQuery({
    queryKey: ['requests', patientId],
    queryFn: async ({ signal }) =>
      (await viewing.requestsAbout(patientId, signal)).toSorted((a, b) => b.created - a.created),
  });
}

/** The requests that wait for an answer. */
export function useWaiting(): readonly ViewingRequest[] {
  return (useRequests().data ?? []).filter(({ state }) => state === 'waiting');
}
