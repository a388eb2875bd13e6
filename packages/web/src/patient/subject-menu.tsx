import { useLingui } from '@lingui/react/macro';
import { Menu, UnstyledButton } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import type { Patient } from 'fhir/r4';
import { useServices } from '../app/services.tsx';
import { Icon } from '../design/icon.tsx';
import { shownName } from '../session/names.ts';
import { useSubject } from './subject.tsx';
import styles from './subject-menu.module.css';

/** Whose record is open, for those who may open several; nothing for everybody else. */
export function SubjectMenu() {
  const { t, i18n } = useLingui();
  const { fhir } = useServices();
  const { patientId, choices, choose } = useSubject();
  const people = useQueries({
    queries: choices.map((id) => ({
      queryKey: ['person', id],
      queryFn: ({ signal }: { signal: AbortSignal }) => fhir.read<Patient>('Patient', id, { signal }),
      enabled: choices.length > 1,
      staleTime: 300_000,
    })),
  });
  if (choices.length < 2) return null;
  const nameOf = (id: string): string => {
    const person = people[choices.indexOf(id)]?.data;
    return shownName(person?.name, i18n.locale).main || '…';
  };
  return (
    <Menu position="bottom-end" width={240} shadow="md">
      <Menu.Target>
        <UnstyledButton aria-label={t`Whose record: ${nameOf(patientId)}`} className={styles.target}>
          <Icon name="people" size={18} />
          <bdi>{nameOf(patientId)}</bdi>
          <Icon name="down" size={14} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map((id) => (
          <Menu.Item
            key={id}
            rightSection={id === patientId ? <Icon name="check" size={16} /> : undefined}
            onClick={() => choose(id)}
          >
            <bdi>{nameOf(id)}</bdi>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
