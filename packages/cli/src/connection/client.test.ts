import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Client } from './client.ts';

/** A server of our own that misbehaves as it is told, and a client for it. */
async function connect(listener: RequestListener, total = 5000): Promise<{ client: Client; stop: AbortController }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = new AbortController();
  const client = new Client({
    origin: `http://127.0.0.1:${port}`,
    token: async () => 'secret-token',
    patience: { total, first: 5, longest: 20 },
    now: Date.now,
    signal: stop.signal,
  });
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  return { client, stop };
}

test('tries again after 503, 429 and a broken connection', async () => {
  let tries = 0;
  const { client } = await connect((request, response) => {
    tries++;
    if (tries === 1) response.writeHead(503).end();
    else if (tries === 2) response.writeHead(429, { 'retry-after': '0' }).end();
    else if (tries === 3) request.socket.destroy();
    else response.end('done');
  });
  expect(await client.call({ method: 'POST', url: '/x', body: Buffer.from('{}') })).toMatchObject({
    status: 200,
    body: 'done',
  });
  expect(tries).toBe(4);
});

test('gives up in a sentence when patience ends', async () => {
  const { client } = await connect((_, response) => response.writeHead(503).end(), 50);
  await expect(client.call({ method: 'GET', url: '/' })).rejects.toThrow(
    /busy \(status 503\); run the same command again/,
  );
});

test.each([
  [401, 'does not accept the token'],
  [403, 'does not allow this'],
])('does not insist on a request that is answered with %i', async (status, sentence) => {
  let tries = 0;
  const { client } = await connect((_, response) => {
    tries++;
    response.writeHead(status).end('secret');
  });
  await expect(client.call({ method: 'GET', url: '/' })).rejects.toThrow(sentence);
  expect(tries).toBe(1);
});

test('sends its token to no other server', async () => {
  const asked: string[] = [];
  const { client } = await connect((request, response) => {
    asked.push(request.url ?? '');
    response.end();
  });
  await client.call({ method: 'GET', url: 'http://elsewhere.invalid/fhir/file?x=1' });
  expect(asked).toEqual(['/fhir/file?x=1']);
});

test('stops waiting when it is told to', async () => {
  const { client, stop } = await connect(() => undefined);
  const call = client.call({ method: 'GET', url: '/' });
  setTimeout(() => stop.abort(), 20);
  await expect(call).rejects.toThrow(/abort/i);
});
