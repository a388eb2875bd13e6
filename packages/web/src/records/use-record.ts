import { useInfiniteQuery } from '@tanstack/react-query';
import type { FhirResource, Patient } from 'fhir/r4';
import { useEffect, useMemo } from 'react';
import { useServices } from '../app/services.tsx';
import { contentOf, recordQuery } from './load-record.ts';

/** A record as far as it has come. */
export interface LoadedRecord {
  person: Patient | undefined;
  entries: readonly FhirResource[];
  /** Nothing has come yet. */
  pending: boolean;
  /** More is on its way. */
  more: boolean;
  /** All of it is here. Only then may a page say that something is not in the record. */
  complete: boolean;
  error: unknown;
  retry: () => void;
}

/** Loads a patient's record, all pages one after the other, and shows what is there meanwhile. */
export function useRecord(patientId: string): LoadedRecord {
  const { fhir } = useServices();
  const query = useInfiniteQuery(recordQuery(fhir, patientId));
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isError, fetchNextPage]);
  const content = useMemo(() => contentOf(query.data?.pages, patientId), [query.data, patientId]);
  return {
    ...content,
    pending: query.isPending,
    more: hasNextPage && !isError,
    complete: query.data?.pages.at(-1)?.next === undefined && query.data !== undefined,
    error: query.error,
    retry: () => void query.refetch(),
  };
}
