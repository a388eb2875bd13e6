import { Trans, useLingui } from '@lingui/react/macro';
import { Link, Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Brand } from '../design/brand.tsx';
import { Icon, type IconName } from '../design/icon.tsx';
import type { Account, Area } from '../session/account.ts';
import { AccountMenu } from './account-menu.tsx';
import { LanguageMenu } from './language-menu.tsx';
import styles from './shell.module.css';

/** One entry of the navigation. */
export interface Section {
  /** Path of the page. */
  to: string;
  icon: IconName;
  label: ReactNode;
  /** Only at this very path, as for a home page. */
  exact?: true;
  /** How many things wait there; 0 shows nothing. */
  waiting?: number;
}

/**
 * The frame of an area: navigation at the side on a desktop, below the thumb on a phone. `reader` keeps lines short;
 * `workspace` takes the whole width and less air.
 */
export function Shell({
  account,
  area,
  sections,
  layout,
  aside,
}: {
  account: Account;
  area: Area;
  sections: readonly Section[];
  layout: 'reader' | 'workspace';
  /** Beside the brand on a desktop: a search field, whose record is open. */
  aside?: ReactNode;
}) {
  const { t } = useLingui();
  return (
    <div className={styles.shell} data-layout={layout}>
      <header className={styles.header}>
        <Link className={styles.brand} to={sections[0]?.to ?? '/'}>
          <Brand />
        </Link>
        <div className={styles.aside}>{aside}</div>
        <LanguageMenu />
        <AccountMenu account={account} area={area} />
      </header>
      <nav aria-label={t`Pages`} className={styles.nav}>
        <ul className={styles.sections}>
          {sections.map(({ to, icon, label, exact, waiting = 0 }) => (
            <li key={to}>
              <Link activeOptions={{ exact: exact ?? false }} className={styles.section} to={to}>
                <Icon name={icon} size={22} />
                <span className={styles.label}>{label}</span>
                {waiting > 0 && (
                  <span className={styles.waiting}>
                    {waiting}
                    <span className="visually-hidden">
                      <Trans>waiting</Trans>
                    </span>
                  </span>
                )}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <main className={styles.main} id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}
