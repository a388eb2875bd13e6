import type { ReactNode } from 'react';
import styles from './tag.module.css';

export type Tone = 'plain' | 'accent' | 'good' | 'caution' | 'danger' | 'seal';

/** A word or two about a thing: a state, a flag. Colour never says more than the words do. */
export function Tag({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={styles.tag} data-tone={tone}>
      {children}
    </span>
  );
}
