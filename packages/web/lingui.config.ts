import { defineConfig } from '@lingui/cli';
import { formatter } from '@lingui/format-po';

/** Each feature has its own catalogue, so that a browser loads only the words of the pages that it shows. */
const features = ['sign-in', 'records', 'patient', 'account', 'practitioner', 'officer'];
/** Pages about who may look and who did: a catalogue of their own beside the other pages of the patient. */
const sharing = ['sharing', 'approvals', 'links', 'proxies', 'notifications', 'who-looked'].map(
  (folder) => `<rootDir>/src/patient/${folder}/**/*`,
);

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
      exclude: ['**/*.test.*', '**/locales/**', ...(feature === 'patient' ? sharing : [])],
    })),
    {
      path: '<rootDir>/src/patient/sharing/locales/{locale}',
      include: sharing,
      exclude: ['**/*.test.*', '**/locales/**'],
    },
  ],
});
