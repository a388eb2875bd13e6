import { Trans } from '@lingui/react/macro';
import { getRouteApi, Link } from '@tanstack/react-router';
import { LanguageMenu } from '../app/language-menu.tsx';
import { Icon } from '../design/icon.tsx';
import { PageHeader } from '../design/page-header.tsx';
import { plain } from '../records/words.ts';
import { AREA_PATHS, areasOf } from '../session/account.ts';
import styles from './account-page.module.css';
import { PasskeysPanel } from './passkeys-panel.tsx';
import { PasswordPanel } from './password-panel.tsx';
import { SessionsPanel } from './sessions-panel.tsx';
import { TotpPanel } from './totp-panel.tsx';

const route = getRouteApi('/account');

/** How one signs in, and where one is signed in. */
export function AccountPage() {
  const { account } = route.useRouteContext();
  const [area] = areasOf(account);
  return (
    <main className={styles.page} id="main" tabIndex={-1}>
      <Link className={styles.back} to={area === undefined ? '/' : AREA_PATHS[area]}>
        <Icon name="back" size={18} />
        <Trans>Back</Trans>
      </Link>
      <PageHeader actions={<LanguageMenu />} title={<Trans>Signing in</Trans>}>
        <bdi>{plain(account.name)}</bdi> · {plain(account.username)}
      </PageHeader>
      <PasskeysPanel />
      <TotpPanel />
      <PasswordPanel />
      <SessionsPanel />
    </main>
  );
}
