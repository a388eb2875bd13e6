import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { Provenance } from 'fhir/r4';
import { useServices } from '../../app/services.tsx';
import { useFormat } from '../../i18n/format.ts';
import { conceptTexts, referenceText } from '../../records/words.ts';
import styles from './amend.module.css';

const MOST = 50;

/** Why a record was changed, by whom and when; nothing where nobody gave a reason. */
export function Amendments({ reference }: { reference: string }) {
  const { i18n } = useLingui();
  const { fhir } = useServices();
  const format = useFormat();
  const found = useQuery({
    queryKey: ['amendments', reference],
    queryFn: ({ signal }) =>
      fhir.search<Provenance>('Provenance', { target: reference, _sort: '-recorded', _count: MOST }, { signal }),
  });
  const reasons = (found.data?.resources ?? []).filter(({ reason }) => reason !== undefined);
  if (reasons.length === 0) return null;
  return (
    <section className={styles.reasons}>
      <h3>
        <Trans>Why it was changed</Trans>
      </h3>
      <ul>
        {reasons.map(({ id, reason, recorded, agent }) => (
          <li key={id}>
            <bdi>{conceptTexts(reason, i18n.locale)}</bdi>
            <span className={styles.faint}>
              {[referenceText(agent[0]?.who, i18n.locale), format.dateTime(recorded)].filter(Boolean).join(' · ')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
