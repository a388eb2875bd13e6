import { Trans } from '@lingui/react/macro';
import { Outlet } from '@tanstack/react-router';
import { Icon } from '../design/icon.tsx';
import styles from './root-page.module.css';
import { useOnline } from './use-online.ts';

/** What stands around every page. */
export function RootPage() {
  const online = useOnline();
  return (
    <>
      <a className={styles.skip} href="#main">
        <Trans>Skip to the content</Trans>
      </a>
      {!online && (
        <p className={styles.offline} role="status">
          <Icon name="alert" size={18} />
          <Trans>You are offline. What you see may be old; nothing can be changed until the line is back.</Trans>
        </p>
      )}
      <Outlet />
    </>
  );
}
