import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';
import styles from './record-card.module.css';

/** What kind of thing a record is; each has a colour and an icon. */
export type Tint = 'visit' | 'result' | 'medicine' | 'condition' | 'safety' | 'document';

/** One record in a list: what it is, what it says, when and by whom. */
export function RecordCard({
  icon,
  tint,
  kind,
  title,
  value,
  detail,
  tags,
}: {
  icon: IconName;
  tint: Tint;
  /** Such as "Result". */
  kind: ReactNode;
  title: ReactNode;
  /** The main finding, at the right: a value with its unit. */
  value?: ReactNode;
  detail?: ReactNode;
  tags?: ReactNode;
}) {
  return (
    <div className={styles.card} data-tint={tint}>
      <span className={styles.icon}>
        <Icon name={icon} size={20} />
      </span>
      <div className={styles.words}>
        <span className={styles.kind}>{kind}</span>
        <span className={styles.title}>
          <bdi>{title}</bdi>
          {tags}
        </span>
        {detail !== undefined && <bdi className={styles.detail}>{detail}</bdi>}
      </div>
      {value !== undefined && <bdi className={`${styles.value} number`}>{value}</bdi>}
    </div>
  );
}
