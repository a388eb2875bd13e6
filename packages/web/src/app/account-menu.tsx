import { Trans, useLingui } from '@lingui/react/macro';
import { Menu, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Icon } from '../design/icon.tsx';
import { type Account, AREA_PATHS, type Area, areasOf } from '../session/account.ts';
import { initialsOf } from '../session/names.ts';
import styles from './account-menu.module.css';
import { useAreaNames } from './area-names.ts';
import { useServices } from './services.tsx';

/** Who is signed in, the other areas of the account, colours, and the way out. */
export function AccountMenu({ account, area }: { account: Account; area: Area }) {
  const { t } = useLingui();
  const { session, queries } = useServices();
  const navigate = useNavigate();
  const areaNames = useAreaNames();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const { name } = account;
  const others = areasOf(account).filter((one) => one !== area);
  const leave = (): void => {
    queries.clear();
    void session.signOut();
  };
  return (
    <Menu position="bottom-end" width={260} shadow="md">
      <Menu.Target>
        <UnstyledButton aria-label={t`Account of ${name}`} className={styles.initials}>
          {initialsOf(name)}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className={styles.name}>{name}</Menu.Label>
        {others.map((one) => (
          <Menu.Item
            key={one}
            leftSection={<Icon name="forward" size={18} />}
            onClick={() => void navigate({ to: AREA_PATHS[one] })}
          >
            {areaNames[one]}
          </Menu.Item>
        ))}
        {others.length > 0 && <Menu.Divider />}
        <Menu.Item leftSection={<Icon name="key" size={18} />} onClick={() => void navigate({ to: '/account' })}>
          <Trans>Signing in</Trans>
        </Menu.Item>
        <Menu.Item
          leftSection={<Icon name={scheme === 'dark' ? 'sun' : 'moon'} size={18} />}
          onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
        >
          {scheme === 'dark' ? <Trans>Light colours</Trans> : <Trans>Dark colours</Trans>}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="leave" size={18} />} onClick={leave}>
          <Trans>Sign out everywhere</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
