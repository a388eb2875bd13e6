import { useLingui } from '@lingui/react/macro';
import { ActionIcon, Menu } from '@mantine/core';
import { Icon } from '../design/icon.tsx';
import { LANGUAGES, type Language } from '../i18n/language.ts';
import { useServices } from './services.tsx';

/** Switches the language of everything, anywhere. */
export function LanguageMenu() {
  const { t } = useLingui();
  const { languages } = useServices();
  const names = Object.entries(LANGUAGES) as [Language, string][];
  return (
    <Menu position="bottom-end" width={180} shadow="md">
      <Menu.Target>
        <ActionIcon aria-label={t`Language`} color="gray" size={44} variant="subtle">
          <Icon name="language" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {names.map(([language, name]) => (
          <Menu.Item
            key={language}
            lang={language}
            rightSection={languages.current === language ? <Icon name="check" size={16} /> : undefined}
            onClick={() => void languages.choose(language)}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
