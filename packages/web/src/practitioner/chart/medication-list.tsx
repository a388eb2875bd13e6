import { Trans, useLingui } from '@lingui/react/macro';
import type { MedicationRequest, MedicationStatement } from 'fhir/r4';
import { Tag } from '../../design/tag.tsx';
import { useFormat } from '../../i18n/format.ts';
import { containedMedication, herbsOf, isChineseMedicine } from '../../records/chinese-medicine.ts';
import { summaryOf } from '../../records/summary.ts';
import { EntryLink } from './entry-link.tsx';
import styles from './medication-list.module.css';

/** What the patient takes, drugs and formulas in one list, each formula with its herbs. */
export function MedicationList({ medicines }: { medicines: readonly (MedicationRequest | MedicationStatement)[] }) {
  const { i18n } = useLingui();
  const format = useFormat();
  if (medicines.length === 0) {
    return (
      <p className={styles.empty}>
        <Trans>No medicines at the moment.</Trans>
      </p>
    );
  }
  return (
    <ul className={styles.list}>
      {medicines.map((medicine) => {
        const { type, id, title, detail, date } = summaryOf(medicine, i18n.locale);
        const chinese = isChineseMedicine(medicine);
        const formula = medicine.resourceType === 'MedicationRequest' ? containedMedication(medicine) : undefined;
        const herbs = herbsOf(formula, i18n.locale);
        return (
          <li key={`${type}/${id}`}>
            <EntryLink id={id} type={type}>
              <span className={styles.medicine}>
                <span className={styles.name}>
                  <bdi>{title}</bdi>
                  <Tag tone={chinese ? 'accent' : 'plain'}>
                    {chinese ? <Trans>Chinese</Trans> : <Trans>Western</Trans>}
                  </Tag>
                </span>
                {detail !== '' && <bdi className={styles.detail}>{detail}</bdi>}
                {herbs.length > 0 && <bdi className={styles.detail}>{format.list(herbs)}</bdi>}
                <span className={styles.since}>
                  <Trans>since {format.date(date)}</Trans>
                </span>
              </span>
            </EntryLink>
          </li>
        );
      })}
    </ul>
  );
}
