import { Trans } from '@lingui/react/macro';
import { Icon } from '../../design/icon.tsx';
import { EntryLink } from './entry-link.tsx';
import styles from './written.module.css';

/** Says that something was written just now, and leads to it: it can be amended there. */
export function Written({ reference }: { reference: string }) {
  const [type = '', id = ''] = reference.split('/');
  return (
    <p className={styles.written} role="status">
      <Icon name="check" size={18} />
      <Trans>Written down and sealed.</Trans>
      <EntryLink id={id} type={type}>
        <Trans>Read or amend it</Trans>
      </EntryLink>
    </p>
  );
}
