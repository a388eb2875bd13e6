import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Server } from '../server.ts';
import { accessibilityFaults, CHROMIUM, openBrowser, openPage, picture, type Reader, signIn } from './browser.ts';
import { builtPages, loadedDemo } from './demo.ts';

const DESKTOP: Reader = { viewport: 'desktop', language: 'en-HK', colours: 'light' };

describe.skipIf(CHROMIUM === undefined)('the practitioner’s pages (needs Chromium)', () => {
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    await builtPages();
    server = await Server.start({ MERIDIAN_DEMO: '1' });
    await loadedDemo(server);
    browser = await openBrowser();
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const READERS: readonly Reader[] = [
    DESKTOP,
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
      await picture(page, `clinic-${name}-${reader.viewport}-${reader.language}-${reader.colours}`);
    };
    await signIn(page, server, 'doctor');
    await look('worklist');
    await openFirstPatient(page);
    const chart = new URL(page.url()).pathname;
    await look('glance');
    for (const part of ['timeline', 'results', 'documents']) {
      await page.locator(`main nav a[href="${chart}/${part}"]`).click();
      await page.waitForURL(`**/${part}`);
      await look(part);
    }
    for (const form of ['note', 'prescription', 'formula', 'acupuncture', 'result']) {
      await page.goto(`${chart}/write/${form}`);
      await page.locator('form').waitFor();
      await look(`write-${form}`);
    }
    expect(faults).toEqual([]);
    await context.close();
  });

  test('warfarin and danshen stop the pen, with sources; a reason lets it go on', async () => {
    const { page, context, faults } = await openPage(browser, server, DESKTOP);
    await signIn(page, server, 'doctor');
    await openFirstPatient(page);
    await write(page, 'Prescription');
    await choose(page, 'Medicine', '華法', 'Warfarin');
    await page.getByLabel('Dose', { exact: true }).fill('3');
    await sign(page);
    await write(page, 'Chinese formula');
    await choose(page, 'Herb 1', 'danshen', 'Danshen');
    await page.getByLabel('Grams').fill('15');
    await page.getByText('Stop: this may harm the patient').waitFor();
    await page.getByText('Sources').first().click();
    const button = page.getByRole('button', { name: 'Sign all the same' });
    expect(await button.isDisabled()).toBe(true);
    await page.getByLabel('It will be monitored as advised').check();
    await page.getByLabel('In your own words').fill('INR every week');
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, 'clinic-safety-stop');
    await button.click();
    await page.getByText('Written down and sealed.').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('a note of last week is a late entry; a wrong result is amended with its reason', async () => {
    const { page, context, faults } = await openPage(browser, server, DESKTOP);
    await signIn(page, server, 'doctor');
    await openFirstPatient(page);
    await write(page, 'Note');
    await page.getByLabel('What the patient says').fill('Palpitations <b>since</b> Monday');
    const week = new Date(Date.now() - 7 * 86_400_000).toISOString().slice(0, 16);
    await page.getByLabel('When it happened').fill(week);
    await page.getByText('Late entry').waitFor();
    await sign(page);
    await page.getByText('Read or amend it').click();
    await page.getByText('Palpitations <b>since</b> Monday').waitFor();
    await page.getByText('Late entry').waitFor();
    await write(page, 'Result');
    await choose(page, 'Test', 'pot', 'Potassium');
    await page.getByLabel('Value').fill('7.2');
    await sign(page);
    await page.getByText('Read or amend it').click();
    await page.getByRole('button', { name: 'Amend' }).click();
    await page.getByLabel('Right value').fill('4.2');
    await page.getByLabel('Reason').fill('Haemolysed sample');
    await page.getByRole('dialog').getByRole('button', { name: 'Amend' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByText('Haemolysed sample').first().waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('a closed chart tells nothing; one can ask, and break the glass after proving who one is', async () => {
    const { page, context, faults } = await openPage(browser, server, DESKTOP);
    const closed = await closedPatient(server, 'doctor');
    await signIn(page, server, 'doctor');
    await page.goto(`/clinic/patients/${closed}`);
    await page.getByRole('heading', { name: 'This chart is closed to you' }).waitFor();
    await picture(page, 'clinic-closed');
    await page.getByRole('button', { name: 'Ask for approval' }).click();
    await page.getByLabel('Why do you need to see it?').fill('Second opinion');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByText('Asked. The answer appears').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('button', { name: 'Break the glass' }).click();
    await page.getByLabel('Danger to life').check();
    await page.getByLabel('What happened, in your own words').fill('Unconscious after a fall');
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, 'clinic-break-glass');
    await page.getByRole('button', { name: 'Open the record for one hour' }).click();
    await page.getByText('Open by break-glass until').waitFor();
    await page.goto('/clinic');
    await page.getByText('Second opinion').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });
});

/** Opens the first patient of the list by keyboard alone. */
async function openFirstPatient(page: Page): Promise<void> {
  await settled(page);
  await page.keyboard.press('/');
  await page.waitForURL('**/clinic/patients');
  await page.locator('[data-row]').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/clinic/patients/*');
  // the list is still shown for a moment after the address has changed
  await page.locator('main nav').waitFor();
  await settled(page);
}

async function write(page: Page, name: string): Promise<void> {
  await settled(page);
  await page.getByRole('button', { name: 'Write', exact: true }).click();
  await page.getByRole('menuitem', { name, exact: true }).click();
  await page.locator('form').waitFor();
}

/** Types into a field of terms and takes what it offers. */
async function choose(page: Page, label: string, typed: string, name: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).fill(typed);
  await page.locator('[role="option"]:visible', { hasText: name }).first().click();
}

async function sign(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign', exact: true }).click();
  await page.getByText('Written down and sealed.').waitFor();
}

/** Somebody whose record the account may not see. */
async function closedPatient(server: Server, username: string): Promise<string> {
  const { json } = await server.must('GET', 'Patient?_count=50&_elements=id');
  const entries = (json.entry ?? []) as { resource: { id: string } }[];
  const encounters = await server.must('GET', 'Encounter?_count=200&_sort=-date&_elements=subject');
  const recent = JSON.stringify(encounters.json);
  const found = entries.find(({ resource }) => !recent.includes(resource.id));
  if (found === undefined) throw new Error(`everybody was seen lately; none is closed to ${username}`);
  return found.resource.id;
}

/** Until nothing is being loaded. */
async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
}

/** Whether one would have to scroll sideways (WCAG 2.2, 1.4.10). */
function overflows(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
