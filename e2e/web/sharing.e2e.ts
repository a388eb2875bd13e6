import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Server } from '../server.ts';
import { accessibilityFaults, CHROMIUM, openBrowser, openPage, picture, type Reader, signIn } from './browser.ts';
import { loadedDemo } from './demo.ts';

const PHONE: Reader = { viewport: 'phone', language: 'en-HK', colours: 'light' };
const DESK: Reader = { viewport: 'desktop', language: 'en-HK', colours: 'light' };
const READERS: readonly Reader[] = [
  { viewport: 'desktop', language: 'zh-HK', colours: 'dark' },
  { viewport: 'tablet', language: 'en-HK', colours: 'dark' },
  { viewport: 'phone', language: 'zh-HK', colours: 'light' },
];
const PAGES = ['sharing', 'sharing/requests', 'sharing/links', 'sharing/proxies', 'sharing/notices', 'who-looked'];

describe.skipIf(CHROMIUM === undefined)('the patient decides who looks (needs Chromium)', () => {
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

  test('refused, asked, approved on the telephone, read, seen with a receipt, ended, refused', async () => {
    const patient = await openPage(browser, server, PHONE);
    const pharmacist = await openPage(browser, server, DESK);
    const id = await signedInPatient(patient.page, server);
    await signIn(pharmacist.page, server, 'pharmacist');
    const [phone, desk] = [patient.page, pharmacist.page];

    await desk.goto(`/clinic/patients/${id}`);
    await desk.getByText('This chart is closed to you').waitFor({ timeout: 90_000 });
    await desk.getByRole('button', { name: 'Ask for approval' }).click();
    await desk.getByLabel('Why do you need to see it?').fill('Your new tablets and your herbs may not agree.');
    await desk.getByRole('button', { name: 'Ask', exact: true }).click();
    await desk.getByText('Asked.').waitFor();
    await desk.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();

    // the page was open all the while: nobody loads it again
    await phone.getByText('Your new tablets and your herbs may not agree.').waitFor({ timeout: 5000 });
    await picture(phone, 'story-1-asked');
    expect(await accessibilityFaults(phone)).toEqual([]);
    await phone.getByRole('button', { name: 'Approve', exact: true }).click();
    await phone.getByRole('button', { name: 'Approve', exact: true }).waitFor({ state: 'detached' });

    await desk.getByRole('navigation', { name: 'Chart' }).waitFor({ timeout: 10_000 });
    await picture(desk, 'story-2-open');

    await phone.locator('nav a[href="/me/who-looked"]').click();
    const look = phone.locator('main li', { hasText: 'Pharmacist' }).filter({ hasText: 'Opened' }).first();
    await look.getByRole('button', { name: 'Check' }).click();
    await look.getByText('Proven').waitFor();
    await picture(phone, 'story-3-seen');

    await phone.goto('/me/sharing/requests');
    await phone.getByRole('button', { name: 'End it now' }).click();
    await phone.getByRole('button', { name: 'End it now' }).waitFor({ state: 'detached' });
    await desk.reload();
    await desk.getByText('This chart is closed to you').waitFor();

    expect([...patient.faults, ...pharmacist.faults]).toEqual([]);
    await patient.context.close();
    await pharmacist.context.close();
  });

  test('a rule is written as a sentence, previewed, taken back and restored', async () => {
    const { page, context, faults } = await openPage(browser, server, PHONE);
    await signedInPatient(page, server);
    await page.locator('nav a[href="/me/sharing"]').click();
    await page.getByRole('button', { name: 'New rule' }).click();
    await page.getByRole('button', { name: 'Everyone who is treating me' }).click();
    await page.getByRole('combobox', { name: 'Somebody by name' }).fill('siu');
    await page.getByRole('option', { name: /SIU Chi Wai/ }).click();
    await page.getByRole('button', { name: 'everything in my record' }).click();
    await page.getByRole('button', { name: 'my medicines' }).click();
    await page.keyboard.press('Escape');
    await picture(page, 'rule-written');
    await page.getByRole('button', { name: 'Save' }).click();
    const rule = page.locator('main li', { hasText: 'SIU Chi Wai' }).filter({ hasText: 'my medicines' });
    await rule.waitFor();

    await page.getByRole('combobox', { name: 'Person' }).fill('siu');
    await page.getByRole('option', { name: /SIU Chi Wai/ }).click();
    await page.waitForURL('**/me/sharing/as/Practitioner/**');
    await page.getByText('You have given a consent.').waitFor();
    await settled(page);
    const kinds = await page.locator('main ul a, main ul li').allTextContents();
    expect(kinds.filter((text) => text.includes('Diagnosis'))).toEqual([]);
    await picture(page, 'see-as');

    await page.goto('/me/sharing');
    await rule.getByRole('button', { name: 'Take back' }).click();
    await rule.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await rule.waitFor();
    await rule.getByRole('button', { name: 'Take back' }).click();
    await rule.waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
    await context.close();
  });

  test('a link is shown once and taken back; settings are kept', async () => {
    const { page, context, faults } = await openPage(browser, server, PHONE);
    await signedInPatient(page, server);
    await page.goto('/me/sharing/links');
    await page.getByRole('button', { name: 'New link' }).click();
    await page.getByLabel('What for').fill('Holiday');
    await page.getByLabel('Passcode, at least four characters').fill('2468');
    await page.getByRole('button', { name: 'Make the link' }).click();
    await page.getByText('shlink:/').waitFor();
    await picture(page, 'link-shown');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.reload();
    await page.getByText('Holiday').waitFor();
    expect(await page.getByText('shlink:/').count()).toBe(0);
    await page.getByRole('button', { name: 'Take back' }).click();
    await page.getByText('Holiday').waitFor({ state: 'detached' });

    await page.goto('/me/sharing/notices');
    await page.getByLabel('Every time').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved').waitFor();
    await page.reload();
    expect(await page.getByLabel('Every time').isChecked()).toBe(true);
    expect(faults).toEqual([]);
    await context.close();
  });

  test.each(READERS)('every page for $language on a $viewport, $colours', async (reader) => {
    const { page, context, faults } = await openPage(browser, server, reader);
    await signedInPatient(page, server);
    for (const path of PAGES) {
      await page.goto(`/me/${path}`);
      await settled(page);
      expect(await accessibilityFaults(page), path).toEqual([]);
      const wide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
      expect(await page.evaluate(wide), path).toBe(false);
      await picture(page, `${path.replace('/', '-')}-${reader.viewport}-${reader.language}-${reader.colours}`);
    }
    expect(faults).toEqual([]);
    await context.close();
  });
});

/** Signs in the demonstration's patient; answers whose record it is. */
async function signedInPatient(page: Page, server: Server): Promise<string> {
  const account = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/oauth/account');
  await signIn(page, server, 'patient');
  return ((await (await account).json()) as { patient: string }).patient;
}

/** Until nothing is being loaded. */
async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
}
