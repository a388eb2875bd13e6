import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { FhirResource, OperationOutcome } from 'fhir/r4';
import { useServices } from '../../app/services.tsx';
import { plain } from '../../records/words.ts';

/** What is wrong with a draft, and where. */
export interface DraftIssue {
  /** FHIRPath, such as `MedicationRequest.dosageInstruction[0].text`; '' where the server names no place. */
  path: string;
  text: string;
}

const PAUSE_MS = 350;
const GRAVE: readonly string[] = ['fatal', 'error'];

/** Checks a draft at the server (`$validate`) while it is typed, with its profile where it names one. */
export function useDraftCheck(draft: FhirResource | undefined): readonly DraftIssue[] {
  const { fhir } = useServices();
  // text is compared, not objects: a form makes a new one each time
  const [typed] = useDebouncedValue(draft && JSON.stringify(draft), PAUSE_MS);
  const check = useQuery({
    queryKey: ['validate', typed],
    queryFn: async ({ signal }) => {
      const resource = JSON.parse(typed ?? '{}') as FhirResource;
      const path = `${resource.resourceType}/$validate`;
      return issuesOf(await fhir.operation<OperationOutcome>(path, resource, { signal }));
    },
    enabled: typed !== undefined,
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
  return draft === undefined ? [] : (check.data ?? []);
}

/** The errors in an outcome. */
export function issuesOf(outcome: unknown): DraftIssue[] {
  const { issue = [] } = (outcome ?? {}) as Partial<OperationOutcome>;
  return issue
    .filter(({ severity }) => GRAVE.includes(severity))
    .map(({ expression, details, diagnostics }) => ({
      path: expression?.[0] ?? '',
      text: plain(details?.text ?? diagnostics),
    }));
}

/** Issues of fields by their elements, and those that belong to no field. */
export function byField<F extends string>(
  issues: readonly DraftIssue[],
  elements: Readonly<Record<F, string>>,
): { errors: Partial<Record<F, string>>; rest: string[] } {
  const errors: Partial<Record<F, string>> = {};
  const rest: string[] = [];
  const fields = Object.entries(elements) as [F, string][];
  for (const { path, text } of issues) {
    const place = path.replace(/^[A-Za-z]+\.?/, '').replace(/\[\d+\]/g, '');
    const field = fields.find(([, element]) => place === element || place.startsWith(`${element}.`))?.[0];
    if (field === undefined) rest.push(text);
    else errors[field] ??= text;
  }
  return { errors, rest };
}
