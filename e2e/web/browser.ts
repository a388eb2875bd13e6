import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Server } from '../server.ts';

/** Where Debian and its kin put Chromium; MERIDIAN_CHROMIUM names another. */
const CANDIDATES = [
  process.env.MERIDIAN_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
export const CHROMIUM = CANDIDATES.find((path) => path !== undefined && existsSync(path));

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Sizes that people have: a desktop, a tablet, a telephone. */
export const VIEWPORTS = {
  desktop: { width: 1440, height: 900 },
  tablet: { width: 834, height: 1112 },
  phone: { width: 390, height: 844 },
} as const;

export type Viewport = keyof typeof VIEWPORTS;

/** What a browser is told before it opens a page. */
export interface Reader {
  viewport: Viewport;
  /** As browsers say it, such as `zh-HK`. */
  language: string;
  colours: 'light' | 'dark';
}

const ARTIFACTS = join(import.meta.dirname, '..', 'artifacts');

export async function openBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('There is no Chromium here; MERIDIAN_CHROMIUM can name one.');
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

/** A fresh profile with one page, that notes what pages must never do. */
export async function openPage(
  browser: Browser,
  server: Server,
  { viewport, language, colours }: Reader,
): Promise<{ page: Page; context: BrowserContext; faults: string[] }> {
  const context = await browser.newContext({
    baseURL: server.origin,
    viewport: VIEWPORTS[viewport],
    locale: language,
    colorScheme: colours,
    timezoneId: 'Asia/Hong_Kong',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted Type|TrustedScript/i.test(message.text())) faults.push(message.text());
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== 'blob:' && origin !== server.origin) faults.push(`asked ${origin}`);
  });
  return { page, context, faults };
}

/** Signs in as one of the demonstration's accounts, as a person would: one press on its name. */
export async function signIn(page: Page, server: Server, username: string): Promise<void> {
  const accounts = (await (await fetch(`${server.origin}/oauth/demo`)).json()) as { username: string; name: string }[];
  const index = accounts.findIndex((account) => account.username === username);
  if (index < 0) throw new Error(`the demonstration has no account ${username}`);
  await page.goto('/');
  await page.locator('main button').first().click();
  await page.waitForURL('**/sign-in/**');
  await page.locator('main section li button').nth(index).click();
  await page.waitForURL(/\/(?:me|clinic|office)/);
}

/** What axe finds against WCAG 2.2 A and AA, in words. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

/** Keeps a picture of the page below `e2e/artifacts`. */
export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`) });
}
