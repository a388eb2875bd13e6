import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Consent } from 'fhir/r4';
import { useServices } from '../../app/services.tsx';

const MOST = 200;

/** The patient's consents, newest first, and what can be done with them. */
export function useConsents(patientId: string) {
  const { fhir } = useServices();
  const queries = useQueryClient();
  const consents = useQuery({
    queryKey: ['consents', patientId],
    queryFn: async ({ signal }) => {
      const page = await fhir.search<Consent>('Consent', { patient: patientId, _count: MOST }, { signal });
      return page.resources.toSorted((a, b) => (b.dateTime ?? '').localeCompare(a.dateTime ?? ''));
    },
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ['consents', patientId] });
  const save = useMutation({
    /** With the version that was read, so that a change made elsewhere meanwhile is not lost. */
    mutationFn: ({ consent, of }: { consent: Consent; of?: Consent }): Promise<Consent> =>
      of?.id === undefined ? fhir.create(consent) : fhir.update({ ...consent, id: of.id }, of.meta?.versionId ?? '1'),
    onSuccess: refresh,
  });
  return { consents, save };
}
