import { useLingui } from '@lingui/react/macro';
import { useQueries } from '@tanstack/react-query';
import type { Organization } from 'fhir/r4';
import { useServices } from '../app/services.tsx';
import { inLanguage, plain } from './words.ts';

/** Most names that are asked for at a time. */
const MOST = 40;

/** Names of organisations by reference (`Organization/1`), as far as they have come. */
export function usePlaces(references: readonly (string | undefined)[]): ReadonlyMap<string, string> {
  const { i18n } = useLingui();
  const { fhir } = useServices();
  const wanted = [...new Set(references)].flatMap((one) => (one?.startsWith('Organization/') ? [one] : []));
  return useQueries({
    queries: wanted.slice(0, MOST).map((reference) => ({
      queryKey: ['organization', reference],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        fhir.read<Organization>('Organization', reference.slice('Organization/'.length), { signal }),
      staleTime: 300_000,
      retry: false,
    })),
    combine: (results) =>
      new Map(
        results.flatMap(({ data }) =>
          data?.id === undefined
            ? []
            : ([[`Organization/${data.id}`, inLanguage(plain(data.name), i18n.locale)]] as const),
        ),
      ),
  });
}
