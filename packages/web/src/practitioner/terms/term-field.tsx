import { useLingui } from '@lingui/react/macro';
import { Autocomplete } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Language } from '../../i18n/language.ts';
import type { Term } from './term.ts';

/** What a field holds: what was typed, and the term that was chosen, if it still fits. */
export interface TermValue<T extends Term = Term> {
  typed: string;
  term?: T;
}

export const NO_TERM: TermValue<never> = { typed: '' };

const PAUSE_MS = 120;

/** A field that completes terms in any script. What fits no term stays as free text. */
export function TermField<T extends Term>({
  label,
  description,
  error,
  name,
  value,
  search,
  autoFocus = false,
  onChange,
}: {
  label: string;
  description?: string;
  error?: string | undefined;
  /** What is searched, for the cache. */
  name: string;
  value: TermValue<T>;
  search: (typed: string, signal: AbortSignal) => Promise<readonly T[]>;
  autoFocus?: boolean;
  onChange: (value: TermValue<T>) => void;
}) {
  const { i18n } = useLingui();
  const language = i18n.locale as Language;
  const [typed] = useDebouncedValue(value.typed, PAUSE_MS);
  const found = useQuery({
    queryKey: ['terms', name, typed],
    queryFn: ({ signal }) => search(typed, signal),
    staleTime: 300_000,
    placeholderData: keepPreviousData,
  });
  const labelled = new Map((found.data ?? []).map((term) => [labelOf(term, language), term]));
  const choose = (text: string): void => {
    const term = labelled.get(text);
    onChange(term === undefined ? { typed: text } : { typed: term.names[language], term });
  };
  return (
    <Autocomplete
      // the server or the table has chosen already, by more than the letters that are seen
      filter={({ options }) => options}
      // within the page's landmarks, and never longer than what the search gives
      comboboxProps={{ withinPortal: false }}
      maxDropdownHeight={560}
      openOnFocus={false}
      withScrollArea={false}
      data={[...labelled.keys()]}
      data-autofocus={autoFocus}
      description={description}
      error={error}
      label={label}
      maxLength={200}
      value={value.typed}
      onChange={choose}
    />
  );
}

function labelOf({ names, hint }: Term, language: Language): string {
  return hint === undefined || hint === '' ? names[language] : `${names[language]} — ${hint}`;
}
