import { createServer } from 'node:net';
import { request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { exited, freePort, printed, run, start, temporaryFolder } from '../testing/run.ts';

test('starts, says where to look, takes the token it names, and ends in order', async () => {
  const [data, port] = [await temporaryFolder(), await freePort()];
  const child = start(['serve', '--no-demo', '--port', `${port}`], {
    MERIDIAN_DATA: data,
    MERIDIAN_LOG: 'silent',
    HOME: data,
  });
  await printed(child, new RegExp(`http://localhost:${port}/fhir[^]*meridian token --system --data[^]*Ctrl-C`));
  const { stdout } = await run(['token', '--system', '--data', data]);
  const answer = await request(`http://127.0.0.1:${port}/fhir/Patient`, {
    headers: { authorization: `Bearer ${stdout.trim()}` },
  });
  expect([answer.statusCode, await answer.body.json()]).toMatchObject([200, { resourceType: 'Bundle' }]);
  child.kill('SIGINT');
  expect(await exited(child)).toBe(0);
});

test('refuses settings it cannot use, in a sentence', async () => {
  const { code, stdout, stderr } = await run(['serve', '--port', 'many', '--data', await temporaryFolder()]);
  expect([code, stdout, stderr]).toEqual([1, '', 'MERIDIAN_PORT must be a whole number from 0 to 65535.\n']);
});

test('says when the port is taken', async () => {
  const [data, port] = [await temporaryFolder(), await freePort()];
  const other = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void other.close());
  const { code, stderr } = await run(['serve', '--no-demo', '--port', `${port}`, '--data', data], {
    MERIDIAN_LOG: 'silent',
  });
  expect([code, stderr]).toEqual([1, `Port ${port} is taken by another program; choose another with --port.\n`]);
});
