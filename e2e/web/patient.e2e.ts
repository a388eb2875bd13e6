import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Server } from '../server.ts';
import { accessibilityFaults, CHROMIUM, openBrowser, openPage, picture, type Reader, signIn } from './browser.ts';
import { builtPages, loadedDemo } from './demo.ts';

/** Text that would show if it were taken for markup, turn a line around, or fill a page. */
const HOSTILE = {
  script: '<img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}',
  bidi: 'Paracetamol \u202E.gm 005\u2066 hidden\u200Bwidth\uFEFF',
  long: '長'.repeat(300_000),
};

describe.skipIf(CHROMIUM === undefined)('the patient’s pages (needs Chromium)', () => {
  let server: Server;
  let browser: Browser;
  let patient: string;

  beforeAll(async () => {
    await builtPages();
    server = await Server.start({ MERIDIAN_DEMO: '1' });
    await loadedDemo(server);
    browser = await openBrowser();
    patient = await patientOf('patient');
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const READERS: readonly Reader[] = [
    { viewport: 'desktop', language: 'en-HK', colours: 'light' },
    { viewport: 'tablet', language: 'zh-HK', colours: 'dark' },
    { viewport: 'phone', language: 'zh-HK', colours: 'light' },
    { viewport: 'phone', language: 'en-HK', colours: 'dark' },
  ];

  test.each(READERS)('every page for $language on a $viewport, $colours', async (reader) => {
    const { page, context, faults } = await openPage(browser, server, reader);
    const look = async (name: string): Promise<void> => {
      await settled(page);
      expect(await accessibilityFaults(page), name).toEqual([]);
      expect(await overflows(page), `${name} is wider than the window`).toBe(false);
      await picture(page, `${name}-${reader.viewport}-${reader.language}-${reader.colours}`);
    };
    await page.goto('/');
    await look('welcome');
    await page.locator('main button').first().click();
    await page.waitForURL('**/sign-in/**');
    await look('sign-in');
    await signIn(page, server, 'patient');
    await look('home');
    expect(await page.locator('html').getAttribute('lang')).toBe(reader.language === 'zh-HK' ? 'zh-Hant' : 'en');
    for (const path of ['record', 'who-looked', 'card', 'download']) {
      await page.locator(`nav a[href="/me/${path}"]`).click();
      await page.waitForURL(`**/me/${path}`);
      await look(path);
    }
    expect(faults).toEqual([]);
    await context.close();
  });

  test('a result is found by typing, opened, and its seal checked in the browser', async () => {
    const { page, context, faults } = await openPage(browser, server, READERS[0]!);
    await signIn(page, server, 'patient');
    await page.locator('nav a[href="/me/record"]').click();
    await settled(page);
    const before = await page.locator('main ul a').count();
    await page.getByRole('searchbox').fill('body weight');
    await expect.poll(() => page.locator('main ul a').count()).toBeLessThan(before);
    await page.locator('main ul a').first().click();
    await page.waitForURL('**/me/record/Observation/**');
    await page.getByRole('button', { name: 'Check the seal' }).click();
    await page.getByText('What you see is, to the last character, what was sealed.').waitFor();
    expect(await page.getByText('The seal is broken').count()).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, 'entry-proof');
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByText('As it was first written down.').waitFor();
    await page.getByRole('tab', { name: 'Source' }).click();
    await page.getByText('"resourceType": "Observation"').waitFor();
    await picture(page, 'entry-source');
    expect(faults).toEqual([]);
    await context.close();
  });

  test('what a record says never becomes part of the page', async () => {
    const ids: string[] = [];
    for (const text of Object.values(HOSTILE)) {
      const { json } = await server.must('POST', 'Condition', {
        resourceType: 'Condition',
        subject: { reference: `Patient/${patient}` },
        clinicalStatus: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
        },
        code: { text },
        note: [{ text }],
        recordedDate: new Date().toISOString().slice(0, 10),
      });
      ids.push(String(json.id));
    }
    const { page, context, faults } = await openPage(browser, server, READERS[0]!);
    await signIn(page, server, 'patient');
    for (const path of ['/me', '/me/record', ...ids.map((id) => `/me/record/Condition/${id}`)]) {
      await page.goto(path);
      await settled(page);
      expect(await overflows(page), path).toBe(false);
      expect(await page.locator('main img, main script').count(), path).toBe(0);
      const shown = (await page.locator('main').textContent()) ?? '';
      expect(shown, path).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\ufeff]/);
      expect(shown.length, path).toBeLessThan(60_000);
    }
    await page.goto(`/me/record/Condition/${ids[0]}`);
    await page.getByText('<script>alert(2)</script>', { exact: false }).first().waitFor();
    await picture(page, 'hostile');
    expect(faults).toEqual([]);
    await context.close();
  });

  test('nothing of the sign-in stays in the browser’s storage, and a reload needs no password', async () => {
    const { page, context } = await openPage(browser, server, READERS[0]!);
    await signIn(page, server, 'patient');
    const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    expect(stored).not.toMatch(/eyJ|Bearer|access|refresh/);
    await page.reload();
    await page.waitForURL('**/me');
    await page.locator('h1').waitFor();
    await context.close();
  });

  test('the whole record can be reached by keyboard alone', async () => {
    const { page, context } = await openPage(browser, server, READERS[0]!);
    await signIn(page, server, 'patient');
    await settled(page);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toBe('#main');
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement?.getAttribute('href'))) === '/me/record') break;
    }
    await page.keyboard.press('Enter');
    await page.waitForURL('**/me/record');
    await context.close();
  });

  async function patientOf(username: string): Promise<string> {
    const { page, context } = await openPage(browser, server, READERS[0]!);
    const account = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/oauth/account');
    await signIn(page, server, username);
    const { patient: id } = (await (await account).json()) as { patient: string };
    await context.close();
    return id;
  }
});

/** Until nothing is being loaded. */
async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
}

/** Whether one would have to scroll sideways (WCAG 2.2, 1.4.10). */
function overflows(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
