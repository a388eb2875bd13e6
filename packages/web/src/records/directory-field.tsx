import { useLingui } from '@lingui/react/macro';
import { Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Organization, Practitioner } from 'fhir/r4';
import { useDeferredValue, useState } from 'react';
import { useServices } from '../app/services.tsx';
import { Icon } from '../design/icon.tsx';
import { shownName } from '../session/names.ts';
import { inLanguage, plain } from './words.ts';

/** Somebody of the directory. */
export interface Found {
  /** `Practitioner/1` or `Organization/1`. */
  reference: string;
  /** As the record writes it, in both languages where there are both. */
  name: string;
}

const MOST = 8;

/** Finds people and organisations by name in any script. */
export function DirectoryField({
  label,
  types = ['Practitioner', 'Organization'],
  onChoose,
}: {
  label: string;
  types?: readonly ('Practitioner' | 'Organization')[];
  onChoose: (found: Found) => void;
}) {
  const { t, i18n } = useLingui();
  const { fhir } = useServices();
  const [words, setWords] = useState('');
  const name = useDeferredValue(words.trim());
  const found = useQuery({
    queryKey: ['directory', types.join(), name],
    queryFn: async ({ signal }) => {
      const pages = types.map((type) =>
        fhir.search<Practitioner | Organization>(type, { name, _count: MOST }, { signal }),
      );
      return (await Promise.all(pages)).flatMap(({ resources }) => resources.map(foundOf));
    },
    enabled: name.length > 0,
    placeholderData: keepPreviousData,
  });
  const people = name === '' ? [] : (found.data ?? []);
  return (
    <Select
      clearable={false}
      // inside a popover: an option that is elsewhere on the page would close it before it is chosen
      comboboxProps={{ withinPortal: false }}
      data={people.map(({ reference, name }) => ({ value: reference, label: inLanguage(name, i18n.locale) }))}
      // the server has searched, in both scripts
      filter={({ options }) => options}
      label={label}
      leftSection={<Icon name="search" size={18} />}
      maxLength={100}
      nothingFoundMessage={name === '' || found.isFetching ? undefined : t`Nobody of that name`}
      placeholder={t`Name of a person or a clinic`}
      searchValue={words}
      searchable
      size="md"
      onChange={(reference) => {
        const one = people.find((each) => each.reference === reference);
        if (one) onChoose(one);
      }}
      onSearchChange={setWords}
    />
  );
}

function foundOf(resource: Practitioner | Organization): Found {
  const reference = `${resource.resourceType}/${resource.id ?? ''}`;
  if (resource.resourceType === 'Organization') {
    return { reference, name: plain([resource.name, ...(resource.alias ?? [])].filter(Boolean).join(' ')) };
  }
  const { main, other } = shownName(resource.name, 'en');
  return { reference, name: plain([main, other].filter(Boolean).join(' ')) };
}
