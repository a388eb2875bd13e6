import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Server } from '../server.ts';
import { accessibilityFaults, CHROMIUM, openBrowser, openPage, picture, signIn } from './browser.ts';
import { builtPages, loadedDemo } from './demo.ts';

const DESKTOP = { viewport: 'desktop', language: 'en-HK', colours: 'light' } as const;
const PHONE = { viewport: 'phone', language: 'zh-HK', colours: 'light' } as const;

describe.skipIf(CHROMIUM === undefined)('results and who reads them (needs Chromium)', () => {
  let server: Server;
  let browser: Browser;
  let patient: string;
  let report: string;
  let potassium: string;

  beforeAll(async () => {
    await builtPages();
    server = await Server.start({ MERIDIAN_DEMO: '1' });
    await loadedDemo(server);
    browser = await openBrowser();
    patient = (await resourceOf('patient')).slice('Patient/'.length);
    const subject = { reference: `Patient/${patient}` };
    const members = await Promise.all(['doctor', 'tcm'].map(resourceOf));
    await server.must('POST', 'CareTeam', {
      resourceType: 'CareTeam',
      status: 'active',
      subject,
      participant: members.map((reference) => ({ member: { reference } })),
    });
    const effectiveDateTime = new Date(Date.now() - 30 * 24 * 3600_000).toISOString();
    const observation = await server.must('POST', 'Observation', {
      resourceType: 'Observation',
      status: 'final',
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
      ],
      code: { coding: [{ system: 'http://loinc.org', code: '2823-3', display: 'Potassium' }] },
      subject,
      effectiveDateTime,
      issued: effectiveDateTime,
      valueQuantity: { value: 4.2, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
    });
    potassium = String(observation.json.id);
    const made = await server.must('POST', 'DiagnosticReport', {
      resourceType: 'DiagnosticReport',
      status: 'final',
      code: { text: 'Chest X-ray' },
      subject,
      effectiveDateTime,
      issued: effectiveDateTime,
      conclusion: 'A small opacity in the right upper zone.',
    });
    report = String(made.json.id);
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function resourceOf(username: string): Promise<string> {
    const answer = await server.send('GET', '/oauth/accounts', undefined, {});
    const { accounts } = answer.json as unknown as { accounts: { username: string; resource: string }[] };
    const found = accounts.find((account) => account.username === username);
    if (!found) throw new Error(`the demonstration has no account ${username}`);
    return found.resource;
  }

  test('the patient reads what a result means in Traditional Chinese', async () => {
    const { page, context, faults } = await openPage(browser, server, PHONE);
    await signIn(page, server, 'patient');
    await page.goto(`/me/record/Observation/${potassium}`);
    await page.getByRole('heading', { name: '白話解說' }).waitFor();
    await page.getByText('你可以問').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, 'plain-words');
    expect(faults).toEqual([]);
    await context.close();
  });

  test('a second reader disagrees, and everybody sees both', async () => {
    const read = async (username: string, fill: (form: ReturnType<typeof formOf>) => Promise<void>): Promise<void> => {
      const { page, context, faults } = await openPage(browser, server, DESKTOP);
      await signIn(page, server, username);
      await page.goto(`/clinic/patients/${patient}/DiagnosticReport/${report}`);
      const form = formOf(page);
      await form.getByLabel('Your reading').waitFor();
      await fill(form);
      await form.getByRole('button', { name: 'Sign' }).click();
      await expect.poll(() => form.getByLabel('Your reading').inputValue()).toBe('');
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(faults).toEqual([]);
      await context.close();
    };
    await read('doctor', async (form) => {
      await form.getByLabel('Your reading').fill('A nodule of 6 mm. Repeat in three months.');
      await form.getByLabel('A finding that you see and nobody has named').fill('Nodule');
    });
    await read('tcm', async (form) => {
      await form.getByLabel('Your reading').fill('I see the shadow of a rib.');
      await form.getByText('does not see it').click();
    });
    const { page, context, faults } = await openPage(browser, server, { ...PHONE, language: 'en-HK' });
    await signIn(page, server, 'patient');
    await page.goto(`/me/record/DiagnosticReport/${report}`);
    await page.getByText('They disagree').waitFor();
    await page.getByText('A nodule of 6 mm', { exact: false }).waitFor();
    await page.getByText('I see the shadow of a rib.').waitFor();
    await picture(page, 'readings');
    expect(faults).toEqual([]);
    await context.close();
  });
});

function formOf(page: Awaited<ReturnType<typeof openPage>>['page']) {
  return page.locator('form').filter({ has: page.getByText('Your reading') });
}
