import { Trans, useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { useServices } from '../../app/services.tsx';
import { Icon } from '../../design/icon.tsx';
import type { Language } from '../../i18n/language.ts';
import { glanceOf } from '../../records/glance.ts';
import { summaryOf } from '../../records/summary.ts';
import { conceptText, plain } from '../../records/words.ts';
import { shownName } from '../../session/names.ts';
import { AccessNote } from '../access/access-note.tsx';
import { usePersonFacts } from '../patient-line.tsx';
import { useSafety } from '../safety/use-safety.ts';
import styles from './banner.module.css';
import { useChart } from './chart.tsx';

const MOST_NUMBERS = 2;

/** Who it is and what could hurt them: both names, age, sex, numbers, allergies, and what the two medicines do together. */
export function Banner() {
  const { i18n } = useLingui();
  const { now } = useServices();
  const { person, record, patientId } = useChart();
  const { main, other } = shownName(person.name, i18n.locale);
  const facts = usePersonFacts(person);
  const numbers = (person.identifier ?? []).filter(({ use }) => use !== 'old').slice(0, MOST_NUMBERS);
  // the same allergy may be written down by several clinics
  const allergies = new Map(
    glanceOf(record.entries, now()).allergies.map((one) => {
      const summary = summaryOf(one, i18n.locale);
      return [`${summary.title} ${summary.detail}`, summary];
    }),
  );
  const flags = record.entries.filter((one) => one.resourceType === 'Flag' && one.status === 'active');
  const safety = useSafety(patientId);
  const grave = (safety.data ?? []).filter(({ severity }) => severity === 'contraindicated' || severity === 'serious');
  return (
    <header className={styles.banner}>
      <div className={styles.who}>
        <h1 className={styles.name}>
          <bdi>{plain(main)}</bdi>
          {other !== undefined && <bdi className={styles.other}>{plain(other)}</bdi>}
        </h1>
        <p className={styles.facts}>
          {facts.join(' · ')}
          {numbers.map(({ value, type, system }) => (
            <span className={styles.number} key={`${system} ${value}`}>
              <span className={styles.label}>{conceptText(type, i18n.locale)}</span> <bdi>{plain(value)}</bdi>
            </span>
          ))}
        </p>
      </div>
      <ul className={styles.alerts}>
        {record.complete && allergies.size === 0 && (
          <li className={styles.alert} data-tone="plain">
            <Trans>No allergies written down</Trans>
          </li>
        )}
        {[...allergies].map(([key, { title, detail }]) => (
          <Alert key={key}>
            <bdi>{title}</bdi>
            {detail !== '' && <bdi className={styles.detail}>{detail}</bdi>}
          </Alert>
        ))}
        {flags.map((flag) => (
          <Alert key={flag.id}>
            <bdi>{summaryOf(flag, i18n.locale).title}</bdi>
          </Alert>
        ))}
        {grave.map((finding) => (
          <Alert key={finding.key}>
            <bdi>{finding.concerns.map((words) => words[i18n.locale as Language]).join(' + ')}</bdi>
          </Alert>
        ))}
      </ul>
      <AccessNote />
    </header>
  );
}

function Alert({ children }: { children: ReactNode }) {
  return (
    <li className={styles.alert} data-tone="danger">
      <Icon name="alert" size={16} />
      <span>{children}</span>
    </li>
  );
}
