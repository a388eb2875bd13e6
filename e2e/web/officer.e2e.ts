import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Server } from '../server.ts';
import { accessibilityFaults, CHROMIUM, openBrowser, openPage, picture, type Reader, signIn } from './browser.ts';
import { loadedDemo } from './demo.ts';

const DESK: Reader = { viewport: 'desktop', language: 'en-HK', colours: 'light' };
const TABLET: Reader = { viewport: 'tablet', language: 'zh-HK', colours: 'dark' };
const PHONE: Reader = { viewport: 'phone', language: 'en-HK', colours: 'light' };

/** Each office with the pages that it has. */
const OFFICES: readonly (readonly [username: string, reader: Reader, pages: readonly string[]])[] = [
  ['privacy', TABLET, ['', '/reviews', '/disclosures', '/ledger', '/organisations', '/policies', '/system']],
  ['admin', DESK, ['', '/accounts', '/ledger', '/system']],
  ['admin', { ...PHONE, language: 'zh-HK' }, ['/accounts', '/organisations']],
  ['auditor', PHONE, ['', '/disclosures', '/ledger', '/policies']],
];

describe.skipIf(CHROMIUM === undefined)('the officers’ pages (needs Chromium)', () => {
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    server = await Server.start({ MERIDIAN_DEMO: '1' });
    await loadedDemo(server);
    browser = await openBrowser();
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test.each(OFFICES)('every page of %s, %o', async (username, reader, pages) => {
    const { page, context, faults } = await openPage(browser, server, reader);
    await signIn(page, server, username);
    for (const path of pages) {
      await page.goto(`/office${path}`);
      await settled(page);
      expect(await accessibilityFaults(page), path).toEqual([]);
      const wide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
      expect(await page.evaluate(wide), path).toBe(false);
      await picture(page, `office${path.replace('/', '-')}-${username}-${reader.viewport}-${reader.language}`);
    }
    expect(faults).toEqual([]);
    await context.close();
  });

  test('the ledger is checked in the browser, and the database against it', async () => {
    const { page, context, faults } = await openPage(browser, server, DESK);
    await signIn(page, server, 'auditor');
    await page.goto('/office/ledger');
    await page.getByText('Nothing was changed or taken out').waitFor();
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText('All is as it was sealed').waitFor({ timeout: 120_000 });
    await picture(page, 'office-ledger-verified');
    // a log that is shorter than what this browser has seen, or another, is found out
    await page.evaluate(() => {
      const kept = JSON.parse(localStorage.getItem('meridian.ledger') ?? '{}') as { root: string };
      const root = btoa(String.fromCharCode(...new Uint8Array(32)));
      localStorage.setItem('meridian.ledger', JSON.stringify({ ...kept, root }));
    });
    await page.getByText('The log does not hold').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('a broken glass is reviewed, and who else looked can be told', async () => {
    const patient = await server.mint('--as', 'patient');
    const own = await server.send('GET', '/oauth/account', undefined, { authorization: `Bearer ${patient}` });
    const broken = await server.send(
      'POST',
      '/viewing/break-glass',
      JSON.stringify({
        patient: own.json.patient,
        reason: 'life-threatening',
        words: 'Collapsed in the shop, not answering.',
        minutes: 15,
      }),
      { authorization: `Bearer ${await server.mint('--as', 'pharmacist')}`, 'content-type': 'application/json' },
    );
    expect(broken.status).toBe(201);
    const { page, context, faults } = await openPage(browser, server, DESK);
    await signIn(page, server, 'privacy');
    await page.goto('/office/reviews');
    await page.getByRole('button', { name: 'Decide' }).first().click();
    await page.getByLabel('Justified', { exact: true }).check();
    await page.getByLabel('How you came to it').fill('The ambulance report agrees.');
    await picture(page, 'office-review');
    await page.getByRole('button', { name: 'Close the review' }).click();
    await page.getByText('Nothing to review').waitFor();
    await page.getByText('Closed', { exact: true }).click();
    await page.getByText('The ambulance report agrees.').waitFor();
    await page.getByRole('link', { name: 'Who else looked at this record' }).click();
    await page.locator('main li', { hasText: 'Emergency access' }).first().waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('an administrator makes an account, suspends it and lets it in again', async () => {
    const { page, context, faults } = await openPage(browser, server, DESK);
    await signIn(page, server, 'admin');
    await page.goto('/office/accounts');
    await page.getByRole('button', { name: 'New account' }).click();
    await page.getByLabel('Name of the person').fill('LAM Siu Ming 林小明');
    await page.getByLabel('Username').fill('lam.siu.ming');
    await page.getByLabel('Role', { exact: true }).selectOption('nurse');
    await page.getByLabel('Acts as').fill('Practitioner/demo-records');
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByText('Its password is shown this once').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    const line = page.locator('main li', { hasText: 'lam.siu.ming' });
    await line.getByRole('button', { name: 'Suspend' }).click();
    await line.getByText('Suspended').waitFor();
    await line.getByRole('button', { name: 'Let in again' }).click();
    await line.getByText('Suspended').waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
    await context.close();
  });

  test('everybody sees where they are signed in, and can end it', async () => {
    const { page, context, faults } = await openPage(browser, server, PHONE);
    await signIn(page, server, 'auditor');
    await page.goto('/account');
    await settled(page);
    await page.getByRole('button', { name: 'Sign out there' }).first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, 'account');
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.getByText('Scan this with the app').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });
});

/** Until nothing is being loaded. */
async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
}
