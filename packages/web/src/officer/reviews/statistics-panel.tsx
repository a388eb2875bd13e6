import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useViewing } from '../../app/use-viewing.ts';
import { Panel } from '../../design/panel.tsx';
import { useFormat } from '../../i18n/format.ts';
import { inLanguage, plain } from '../../records/words.ts';
import styles from '../office.module.css';
import { useFlagSentences } from './review-words.ts';

/** How often what occurred, and by whom most. */
export function StatisticsPanel() {
  const { t, i18n } = useLingui();
  const format = useFormat();
  const viewing = useViewing();
  const flags = useFlagSentences();
  const statistics = useQuery({
    queryKey: ['reviews', 'statistics'],
    queryFn: ({ signal }) => viewing.statistics(signal),
  });
  if (!statistics.data) return null;
  const { open, overdue, byFlag, byActor } = statistics.data;
  const figures: readonly (readonly [number, string])[] = [
    [open, t`open`],
    [overdue, t`overdue`],
    ...Object.entries(byFlag).map(([flag, count]) => [count, flags(flag)] as const),
  ];
  return (
    <>
      <ul className={styles.grid}>
        {figures.map(([count, name]) => (
          <li className={styles.figure} key={name}>
            <strong className="number">{format.number(count)}</strong>
            <span>{name}</span>
          </li>
        ))}
      </ul>
      {byActor.length > 0 && (
        <Panel title={<Trans>By person</Trans>}>
          <ul>
            {byActor.map(({ actor, name, reviews, notJustified }) => (
              <li className={styles.line} key={actor}>
                <bdi className={styles.words}>{inLanguage(plain(name), i18n.locale)}</bdi>
                <span className={styles.meta}>
                  <Trans>
                    {reviews} reviews, {notJustified} not justified
                  </Trans>
                </span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}
