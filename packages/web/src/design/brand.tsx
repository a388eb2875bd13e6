import styles from './brand.module.css';

/** The mark and the name. */
export function Brand() {
  return (
    <span className={styles.brand}>
      <svg aria-hidden="true" className={styles.mark} height={32} viewBox="0 0 64 64" width={32}>
        <rect fill="var(--accent)" height="64" rx="16" width="64" />
        <g fill="none" stroke="var(--on-accent)" strokeWidth="4">
          <circle cx="32" cy="32" r="18" />
          <path d="M32 14c-9 8-9 28 0 36 9-8 9-28 0-36Z" />
        </g>
        <circle cx="32" cy="32" fill="var(--seal-on-accent)" r="4.5" />
      </svg>
      <span translate="no">{NAME}</span>
    </span>
  );
}

const NAME = 'Meridian';
