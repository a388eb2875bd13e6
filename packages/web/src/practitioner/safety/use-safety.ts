import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { FhirResource, Parameters } from 'fhir/r4';
import type { FhirClient } from '../../api/fhir.ts';
import { useServices } from '../../app/services.tsx';
import { findingsOf, type SafetyFinding } from './findings.ts';

/** What in the patient's medicines may harm them, of both medicines together. */
export function useSafety(patientId: string) {
  const { fhir } = useServices();
  return useQuery({
    queryKey: ['safety', patientId],
    queryFn: ({ signal }) => checked(fhir, patientId, [], signal),
    staleTime: 60_000,
  });
}

/** What a draft order would do together with everything else; asked again whenever the draft changes. */
export function useDraftSafety(patientId: string, draft: FhirResource | undefined) {
  const { fhir } = useServices();
  return useQuery({
    queryKey: ['safety', patientId, draft],
    queryFn: ({ signal }) => checked(fhir, patientId, draft ? [draft] : [], signal),
    enabled: draft !== undefined,
    placeholderData: keepPreviousData,
    // each draft is looked at while it is typed, and not again
    gcTime: 60_000,
  });
}

async function checked(
  fhir: FhirClient,
  patientId: string,
  drafts: readonly FhirResource[],
  signal: AbortSignal,
): Promise<SafetyFinding[]> {
  const parameter = drafts.map((resource) => ({ name: 'draft', resource }));
  const input = { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
  return findingsOf(
    await fhir.operation<Parameters>(`Patient/${encodeURIComponent(patientId)}/$check-safety`, input, { signal }),
  );
}
