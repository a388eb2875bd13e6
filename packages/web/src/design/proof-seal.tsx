import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';
import styles from './proof-seal.module.css';

export type SealState = 'unchecked' | 'checking' | 'proved' | 'promised' | 'refused' | 'none';

/**
 * The seal on a record. Its stamp is vermilion as on paper, which is used for nothing else; what it says when it holds is
 * green, so that nobody takes it for a warning. Its state is also in its words and its shape.
 */
export function ProofSeal({ state, label, onPress }: { state: SealState; label: ReactNode; onPress?: () => void }) {
  return (
    <button
      className={styles.seal}
      data-state={state}
      disabled={state === 'checking' || onPress === undefined}
      type="button"
      onClick={onPress}
    >
      <span aria-hidden="true" className={styles.stamp}>
        {state === 'refused' ? (
          <Icon name="cross" size={20} />
        ) : state === 'proved' ? (
          <Icon name="check" size={20} />
        ) : (
          <Icon name="seal" size={20} />
        )}
      </span>
      <span aria-live="polite">{label}</span>
    </button>
  );
}
