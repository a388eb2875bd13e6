import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebApp } from './web-app.ts';
import { readWebFiles } from './web-files.ts';

const INDEX = '<!doctype html><title>Meridian</title>';
const SCRIPT = `console.log("${'x'.repeat(2000)}")`;
let folder: string;
let server: Server;
let origin: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meridian-web-'));
  await mkdir(join(folder, 'dist', 'assets'), { recursive: true });
  const write = (name: string, content: string | Buffer) => writeFile(join(folder, 'dist', name), content);
  await write('index.html', INDEX);
  await write('icon.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await write('assets/app-1a2b.js', SCRIPT);
  await write('assets/app-1a2b.js.br', brotliCompressSync(SCRIPT));
  await write('assets/app-1a2b.js.gz', gzipSync(SCRIPT));
  await write('assets/left-over.js', 'not of this build');
  await write('files.json', JSON.stringify(['index.html', 'icon.svg', 'assets/app-1a2b.js', '../secret.txt']));
  await writeFile(join(folder, 'secret.txt'), 'secret');
  const files = await readWebFiles(join(folder, 'dist'));
  if (!files) throw new Error('the build was not read');
  const app = new WebApp(files);
  server = createServer((message, response) => {
    if (!app.answer(message, response)) response.writeHead(404).end('nothing');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

test.each(['/', '/me', '/me/record/Observation/1', '/sign-in/abc', '/signed-in?code=1', '/clinic/x', '/office'])(
  'the page %s is the application',
  async (path) => {
    const answer = await fetch(origin + path);
    expect([answer.status, await answer.text()]).toEqual([200, INDEX]);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
  },
);

test.each([
  '/nothing',
  '/me/missing.js',
  '/assets/left-over.js',
  '/secret.txt',
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/assets/',
  '/files.json',
])('%s is not', async (path) => {
  expect((await fetch(origin + path)).status).toBe(404);
});

test('the content security policy allows nothing unsafe, no other origin and no text that becomes code', async () => {
  const policy = (await fetch(origin)).headers.get('content-security-policy') ?? '';
  expect(policy).not.toContain('unsafe');
  expect(policy).not.toMatch(/https?:|\*/);
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "trusted-types 'none'",
  ]) {
    expect(policy).toContain(part);
  }
});

test('a name with a hash is kept for ever, and sent in the coding that the browser takes', async () => {
  const codings = { br: 'br', 'gzip, deflate': 'gzip', 'br;q=0, gzip': 'gzip', identity: null, '': null };
  for (const [accepted, coding] of Object.entries(codings)) {
    const answer = await fetch(`${origin}/assets/app-1a2b.js`, { headers: { 'accept-encoding': accepted } });
    expect([accepted, answer.headers.get('content-encoding')]).toEqual([accepted, coding]);
    expect(await answer.text()).toBe(SCRIPT);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(answer.headers.get('vary')).toBe('accept-encoding');
  }
});

test('HEAD has the headers alone; a drawing that is opened by itself runs nothing; other methods are not for here', async () => {
  const head = await fetch(`${origin}/assets/app-1a2b.js`, {
    method: 'HEAD',
    headers: { 'accept-encoding': 'identity' },
  });
  expect([head.headers.get('content-length'), await head.text()]).toEqual([String(SCRIPT.length), '']);
  expect((await fetch(`${origin}/icon.svg`)).headers.get('content-security-policy')).toContain('sandbox');
  expect((await fetch(origin, { method: 'POST' })).status).toBe(404);
});

test('a folder without a complete build is none', async () => {
  expect(await readWebFiles(join(folder, 'nowhere'))).toBeUndefined();
  expect(await readWebFiles(folder)).toBeUndefined();
});
