import type { ComponentPropsWithRef, ReactNode } from 'react';
import styles from './consent-sentence.module.css';

/** A consent as one sentence, its parts set apart so that each can be read, and pressed where it can be changed. */
export function ConsentSentence({ children }: { children: ReactNode }) {
  return <p className={styles.sentence}>{children}</p>;
}

/** A part of the sentence: who, what, until when. With `onClick` it is a button that changes the part. */
export function ConsentPart({ children, onClick, ...others }: ComponentPropsWithRef<'button'>) {
  if (!onClick) return <strong className={styles.part}>{children}</strong>;
  return (
    <button {...others} className={styles.part} type="button" onClick={onClick}>
      {children}
    </button>
  );
}
