import { Trans } from '@lingui/react/macro';
import { Panel } from '../../design/panel.tsx';
import { useFormat } from '../../i18n/format.ts';
import type { Look } from '../../records/looks.ts';
import styles from './looks-page.module.css';

const MOST = 12;

/** From which organisations people looked, the most first; one can be chosen to see its looks alone. */
export function PlacesPanel({
  looks,
  names,
  chosen,
  onChoose,
}: {
  looks: readonly Look[];
  names: ReadonlyMap<string, string>;
  chosen: string | undefined;
  onChoose: (organization: string | undefined) => void;
}) {
  const format = useFormat();
  const counts = new Map<string, number>();
  for (const { organization } of looks) {
    if (organization !== undefined) counts.set(organization, (counts.get(organization) ?? 0) + 1);
  }
  const places = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST);
  const most = places[0]?.[1] ?? 1;
  if (places.length === 0) return null;
  return (
    <Panel title={<Trans>From where</Trans>}>
      <ul className={styles.places}>
        {places.map(([organization, count]) => (
          <li key={organization}>
            <button
              aria-pressed={chosen === organization}
              className={styles.place}
              type="button"
              onClick={() => onChoose(chosen === organization ? undefined : organization)}
            >
              <bdi>{names.get(organization) ?? organization}</bdi>
              <span className="number">{format.number(count)}</span>
              <span aria-hidden="true" className={styles.bar}>
                <span style={{ width: `${(100 * count) / most}%` }} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
