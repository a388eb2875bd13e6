import { I18nProvider } from '@lingui/react';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { theme } from '../design/theme.ts';
import { type Services, ServicesProvider } from './services.tsx';

const colours = localStorageColorSchemeManager({ key: 'meridian.colours' });

/** Everything that components find by context. */
export function Providers({ services, children }: { services: Services; children: ReactNode }) {
  return (
    <ServicesProvider value={services}>
      <I18nProvider i18n={services.languages.i18n}>
        <QueryClientProvider client={services.queries}>
          <MantineProvider
            colorSchemeManager={colours}
            defaultColorScheme="auto"
            // style elements are forbidden by the content security policy: tokens.css and mantine.css hold them
            withCssVariables={false}
            withGlobalClasses={false}
            theme={theme}
          >
            {children}
          </MantineProvider>
        </QueryClientProvider>
      </I18nProvider>
    </ServicesProvider>
  );
}
