import { useLingui } from '@lingui/react/macro';
import type { Patient } from 'fhir/r4';
import { useServices } from '../app/services.tsx';
import { useFormat } from '../i18n/format.ts';
import { useCodeNames } from '../records/code-names.ts';
import { plain } from '../records/words.ts';
import { shownName } from '../session/names.ts';
import styles from './patient-line.module.css';

/** Who somebody is, in two lines: both names, age, sex, date of birth. */
export function PatientLine({ patient }: { patient: Patient }) {
  const { i18n } = useLingui();
  const name = shownName(patient.name, i18n.locale);
  const facts = usePersonFacts(patient);
  return (
    <span className={styles.line}>
      <span className={styles.name}>
        <bdi>{plain(name.main)}</bdi>
        {name.other !== undefined && <bdi className={styles.other}>{plain(name.other)}</bdi>}
      </span>
      <span className={styles.facts}>{facts.join(' · ')}</span>
    </span>
  );
}

/** Age, sex and date of birth in the reader's words; what is not known is left out. */
export function usePersonFacts({ birthDate, gender, deceasedDateTime, deceasedBoolean }: Patient): string[] {
  const { t } = useLingui();
  const { now } = useServices();
  const format = useFormat();
  const codeName = useCodeNames();
  const until = (deceasedDateTime ?? new Date(now()).toISOString()).slice(0, 10);
  const years = birthDate === undefined ? 0 : format.years(birthDate, until);
  const born = format.date(birthDate);
  const died = deceasedDateTime === undefined ? '' : format.date(deceasedDateTime);
  return [
    birthDate === undefined ? '' : t`${years} y`,
    gender === undefined ? '' : codeName(gender),
    birthDate === undefined ? '' : t`born ${born}`,
    died !== '' ? t`died ${died}` : deceasedBoolean === true ? t`died` : '',
  ].filter(Boolean);
}
