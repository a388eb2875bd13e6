import { defineConfig } from '@lingui/cli';
import { formatter } from '@lingui/format-po';

/** Each feature has its own catalogue, so that a browser loads only the words of the pages that it shows. */
const features = ['sign-in', 'records', 'patient', 'practitioner', 'officer'];

export default defineConfig({
  sourceLocale: 'en',
  locales: ['en', 'zh-Hant', 'zh-Hans'],
  rootDir: import.meta.dirname,
  format: formatter({ lineNumbers: false }),
  orderBy: 'message',
  catalogs: [
    {
      path: '<rootDir>/src/i18n/locales/{locale}',
      include: ['app', 'design', 'session', 'api', 'i18n'].map((folder) => `<rootDir>/src/${folder}/**/*`),
      exclude: ['**/*.test.*', '**/locales/**'],
    },
    ...features.map((feature) => ({
      path: `<rootDir>/src/${feature}/locales/{locale}`,
      include: [`<rootDir>/src/${feature}/**/*`],
      exclude: ['**/*.test.*', '**/locales/**'],
    })),
  ],
});
