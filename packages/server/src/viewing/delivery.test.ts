import { createServer, type Server } from 'node:http';
import { type AddressInfo, BlockList } from 'node:net';
import type { Notice, Preferences } from '@meridian/viewing';
import { SMTPServer } from 'smtp-server';
import { afterEach, expect, test } from 'vitest';
import { Delivery } from './delivery.ts';
import { mailSender } from './mail.ts';
import { webhookSender } from './webhook.ts';

const NOTICE: Notice = {
  id: 'n1',
  kind: 'glass-broken',
  account: 'a1',
  patientId: 'p1',
  at: Date.UTC(2026, 10, 1),
  about: 'ViewingGrant/g1',
  by: { actor: 'Practitioner/d1', name: 'Wong', role: 'western-practitioner' },
  flags: ['break-glass'],
  read: false,
};
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A mail server that keeps what it was sent. */
async function mailServer(): Promise<{ url: string; mails: string[] }> {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString('utf8'));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, mails };
}

/** A web server that keeps the bodies it was sent, and refuses the first `failures`. */
async function hookServer(failures = 0): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  let left = failures;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (left-- > 0) response.writeHead(503).end();
      else {
        bodies.push(Buffer.concat(chunks).toString('utf8'));
        response.writeHead(204).end();
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, bodies };
}

function delivery(mailUrl: string | undefined, faults: unknown[] = []): Delivery {
  const mail =
    mailUrl === undefined ? undefined : { url: mailUrl, from: 'records@example.org', origin: 'https://here.example' };
  const made = new Delivery({
    mail: mail && mailSender(mail),
    webhooks: webhookSender({ blocked: new BlockList() }),
    onFault: (error) => faults.push(error),
  });
  closing.push(() => made.close());
  return made;
}

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !done(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
}

test('a mail says what happened in three scripts, and nothing of who and whose', async () => {
  const { url, mails } = await mailServer();
  const preferences: Preferences = { views: 'every', neverAsk: [], email: 'patient@example.org' };
  delivery(url).deliver(NOTICE, preferences);
  await until(() => mails.length > 0);
  const [mail = ''] = mails;
  expect(mail).toContain('To: patient@example.org');
  expect(decoded(mail)).toContain('你的醫療記錄曾因緊急情況被開啟');
  expect(decoded(mail)).toContain('https://here.example/');
  for (const secret of ['Wong', 'p1', 'g1', 'd1']) expect(decoded(mail)).not.toContain(secret);
});

test('a webhook is tried again, and learns kind and time only', async () => {
  const { url, bodies } = await hookServer(1);
  delivery(undefined).deliver(NOTICE, { views: 'every', neverAsk: [], webhook: url });
  await until(() => bodies.length > 0);
  expect(bodies.map((body) => JSON.parse(body))).toEqual([
    { id: 'n1', kind: 'glass-broken', at: '2026-11-01T00:00:00.000Z' },
  ]);
});

test.each([
  'https://127.0.0.1/x',
  'https://[::1]/x',
  'https://localhost/x',
  'https://169.254.169.254/x',
  'https://10.1.2.3/',
])('a webhook cannot reach into the house: %s', async (url) => {
  const sender = webhookSender();
  closing.push(() => sender.close());
  await expect(sender.send(url, NOTICE)).rejects.toThrow(/not public/);
});

/** Quoted-printable and base64 parts as text. */
function decoded(mail: string): string {
  const [head = '', ...rest] = mail.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  if (/content-transfer-encoding: base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  const bytes = body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
