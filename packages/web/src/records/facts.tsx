import type { ReactNode } from 'react';
import styles from './facts.module.css';

/** A question that a record answers, and its answer; empty answers are left out. */
export type Fact = readonly [label: string, value: ReactNode];

/** What a record says, one line for each question. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  const answered = facts.filter(
    ([, value]) => value !== '' && value !== undefined && value !== null && value !== false,
  );
  if (answered.length === 0) return null;
  return (
    <dl className={styles.facts}>
      {answered.map(([label, value]) => (
        <div className={styles.fact} key={label}>
          <dt>{label}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}
