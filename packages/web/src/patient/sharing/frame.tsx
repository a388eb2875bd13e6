import { Trans, useLingui } from '@lingui/react/macro';
import { Link, Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PageHeader } from '../../design/page-header.tsx';
import { useWaiting } from '../approvals/use-requests.ts';
import styles from './frame.module.css';

/** What stands around the pages about who may look. */
export function SharingFrame() {
  const { t } = useLingui();
  const waiting = useWaiting().length;
  return (
    <>
      <PageHeader title={<Trans>Sharing</Trans>}>
        <Trans>You decide who looks at your record, and change your mind whenever you like.</Trans>
      </PageHeader>
      <nav aria-label={t`Sharing`} className={styles.tabs}>
        <Tab exact to="/me/sharing">
          <Trans>Rules</Trans>
        </Tab>
        <Tab to="/me/sharing/requests">
          <Trans>Requests</Trans>
          {waiting > 0 && <span className={styles.waiting}>{waiting}</span>}
        </Tab>
        <Tab to="/me/sharing/links">
          <Trans>Links and codes</Trans>
        </Tab>
        <Tab to="/me/sharing/proxies">
          <Trans>People who act for me</Trans>
        </Tab>
        <Tab to="/me/sharing/notices">
          <Trans>Notifications</Trans>
        </Tab>
      </nav>
      <Outlet />
    </>
  );
}

function Tab({ to, exact = false, children }: { to: string; exact?: boolean; children: ReactNode }) {
  return (
    <Link activeOptions={{ exact }} className={styles.tab} to={to}>
      {children}
    </Link>
  );
}
