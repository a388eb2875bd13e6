import { Trans } from '@lingui/react/macro';
import styles from './skeleton.module.css';

/** The outline of what is being loaded, so that nothing jumps when it comes. */
export function Skeleton({ lines = 3, height = 72 }: { lines?: number; height?: number }) {
  return (
    <div aria-busy="true" className={styles.skeleton}>
      <span className="visually-hidden" role="status">
        <Trans>Loading</Trans>
      </span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all the same
        <div aria-hidden="true" className={styles.line} key={line} style={{ height }} />
      ))}
    </div>
  );
}
