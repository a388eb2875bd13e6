import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { Parameters } from 'fhir/r4';
import type { ReactNode } from 'react';
import { useServices } from '../app/services.tsx';
import { Panel } from '../design/panel.tsx';
import { Tag } from '../design/tag.tsx';
import { useFormat } from '../i18n/format.ts';
import styles from './readings.module.css';
import { type ComparedFinding, type Presence, type Reading, readingsOf } from './readings.ts';
import { plain } from './words.ts';

/** Under this key the readings of a report are kept, so that a new one can be shown at once. */
export const readingsKey = (id: string) => ['readings', id];

/** What named readers made of a report, side by side: nobody's is overwritten, and where they disagree one sees it. */
export function ReadingsPanel({
  id,
  children,
}: {
  id: string;
  /** Shown below the readings, with the findings that others named: a form for one's own. */
  children?: (known: { findings: readonly ComparedFinding[]; readings: readonly Reading[] }) => ReactNode;
}) {
  const { fhir } = useServices();
  const format = useFormat();
  const presence = usePresenceNames();
  const { data } = useQuery({
    queryKey: readingsKey(id),
    queryFn: async ({ signal }) =>
      readingsOf(await fhir.operation<Parameters>(`DiagnosticReport/${id}/$interpretation`, undefined, { signal })),
    retry: false,
  });
  if (data === undefined || (data.readings.length === 0 && children === undefined)) return null;
  return (
    <Panel title={<Trans>What readers made of it</Trans>}>
      <div className={styles.readings}>
        {data.readings
          .filter(({ current }) => current)
          .map(({ id: reading, reader, summary, date }) => (
            <article className={styles.reading} key={reading}>
              <h3>
                <bdi>{plain(reader)}</bdi>
              </h3>
              <p>
                <bdi>{plain(summary, 4000)}</bdi>
              </p>
              <p className={styles.source}>{format.dateTime(date)}</p>
            </article>
          ))}
      </div>
      {data.findings.map(({ code, verdict, readings }) => (
        <section className={styles.finding} key={`${code.system}|${code.code}`}>
          <h3>
            <bdi>{plain(code.display ?? code.code ?? '')}</bdi>{' '}
            {verdict === 'disagree' ? (
              <Tag tone="caution">
                <Trans>They disagree</Trans>
              </Tag>
            ) : verdict === 'agree' ? (
              <Tag tone="good">
                <Trans>They agree</Trans>
              </Tag>
            ) : null}
          </h3>
          <ul>
            {readings.map((one) => (
              <li key={one.reader}>
                <bdi>{plain(one.reader)}</bdi>: {presence(one.presence)}
              </li>
            ))}
          </ul>
        </section>
      ))}
      {children?.(data)}
    </Panel>
  );
}

export function usePresenceNames(): (presence: Presence) => string {
  const { t } = useLingui();
  const names: Readonly<Record<Presence, string>> = {
    present: t`sees it`,
    absent: t`does not see it`,
    uncertain: t`is not sure`,
  };
  return (presence) => names[presence];
}
