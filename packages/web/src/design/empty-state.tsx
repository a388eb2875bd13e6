import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';
import styles from './state.module.css';

/** Where there is nothing to show: says so, why, and what one can do. */
export function EmptyState({
  icon,
  title,
  level = 2,
  children,
}: {
  icon: IconName;
  title: ReactNode;
  level?: 1 | 2 | 3;
  children?: ReactNode;
}) {
  const Heading = `h${level}` as const;
  return (
    <div className={styles.state}>
      <span className={styles.icon}>
        <Icon name={icon} size={28} />
      </span>
      <Heading className={styles.title}>{title}</Heading>
      {children !== undefined && <div className={styles.words}>{children}</div>}
    </div>
  );
}
