import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { freePort, printed, run, start, temporaryFolder } from '../testing/run.ts';
import { type CommandServer, startServer } from '../testing/server.ts';

let server: CommandServer;
let token: string;

beforeAll(async () => {
  server = await startServer();
  token = await server.running.tokens.mint({ actor: 'system', system: true, expiresInSeconds: 3600 });
});

/** Creates a patient, waits until it is in the log, and gives its id and receipt. */
async function logged(): Promise<{ id: string; receipt: string }> {
  const created = await fetch(`${server.running.url}/fhir/Patient`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/fhir+json',
      prefer: 'wait=logged',
    },
    body: '{"resourceType":"Patient"}',
  });
  const { id } = (await created.json()) as { id: string };
  const answer = await fetch(`${server.running.url}/ledger/receipt/Patient/${id}/_history/1`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { id, receipt: await answer.text() };
}

async function policyFile(folder: string): Promise<string> {
  const path = join(folder, 'policy');
  await writeFile(path, await (await fetch(`${server.running.url}/ledger/policy`)).text());
  return path;
}

test('checks the published log and everything stored', async () => {
  await logged();
  const { code, stdout } = await run(['verify', ...server.options]);
  expect(stdout).toMatch(/adds up to its signed checkpoint\. Every stored record and event/);
  expect(code).toBe(0);
  const { stdout: json } = await run(['verify', '--json', '--log-only', '--server', server.running.url]);
  expect(JSON.parse(json)).toMatchObject({ ok: true, audit: [] });
});

test('checks a receipt offline, in plain words, and refuses one that was changed', async () => {
  const folder = await temporaryFolder();
  const { receipt } = await logged();
  const path = join(folder, 'receipt.json');
  await writeFile(path, receipt);
  const policy = await policyFile(folder);
  const good = await run(['verify', path, '--policy', policy]);
  expect(good.stdout).toMatch(/^Proved: .*\n {2}yes {3}The event and its salt/);
  expect(good.code).toBe(0);
  await writeFile(path, receipt.replace(/"sequence": "0"/, '"sequence": "0" '));
  const parsed = JSON.parse(receipt) as { opening: { event: string } };
  const event = Buffer.from(parsed.opening.event, 'base64');
  event[3] = (event[3] ?? 0) ^ 1;
  parsed.opening.event = event.toString('base64');
  await writeFile(path, JSON.stringify(parsed));
  const bad = await run(['verify', path, '--policy', policy]);
  expect(bad.stdout).toMatch(/^Refused/);
  expect(bad.code).toBe(1);
  expect((await run(['verify', path])).stderr).toMatch(/--policy FILE/);
});

test("checks that no event of a patient's chain was left out", async () => {
  const { id } = await logged();
  const { code, stdout } = await run(['verify', '--mine', id, ...server.options]);
  expect(stdout).toMatch(/^\d+ events?; each is in the log, and none was left out\.\n$/);
  expect(code).toBe(0);
});

test('runs a witness for another log', async () => {
  const folder = await temporaryFolder();
  const port = await freePort();
  const args = ['--logs', await policyFile(folder), '--name', 'witness.test', '--folder', join(folder, 'w')];
  const witness = start(['witness', ...args, '--port', String(port)]);
  await printed(witness, /witness witness\.test-2 witness\.test\+/);
  const answer = await fetch(`http://127.0.0.1:${port}/add-checkpoint`, { method: 'POST', body: 'nonsense' });
  expect(answer.status).toBe(400);
  const note = await (await fetch(`${server.running.url}/ledger/checkpoint`)).text();
  const size = Number(note.split('\n')[1]);
  const cosigned = await fetch(`http://127.0.0.1:${port}/add-checkpoint`, { method: 'POST', body: `old 0\n\n${note}` });
  expect(size).toBeGreaterThan(0);
  expect(cosigned.status).toBe(200);
  expect((await cosigned.text()).split('\n')).toHaveLength(3);
  expect(await readFile(join(folder, 'w', 'witness.key'), 'utf8')).toMatch(/^[0-9a-f]{128}\n$/);
});
