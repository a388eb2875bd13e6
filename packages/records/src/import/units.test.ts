import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecords } from '../open-records.ts';
import type { ImportUnit } from '../store.ts';
import { BASE_URL, bodyOf, context, type TestStore, testStore } from '../testing/store.ts';

let tested: TestStore;
beforeAll(async () => {
  tested = await testStore();
});
afterAll(() => tested?.close());

const lines = (...resources: (object | string)[]): string =>
  resources.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
const ndjson = (text: string | Buffer): ImportUnit => ({ format: 'ndjson', body: Buffer.from(text) });
const patient = (id: string, elements: object = {}) => ({ resourceType: 'Patient', id, ...elements });
const observation = (id: string, patientId: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'x' },
  subject: { reference: `Patient/${patientId}` },
});
const run = async (unit: ImportUnit) => (await tested.records.bulk.run(unit, context)).total;

describe('a unit', () => {
  it('in which a resource occurs several times makes a version of each change, in order', async () => {
    const unit = ndjson(
      lines(
        patient('d', { language: 'a' }),
        patient('d', { language: 'b' }),
        patient('d', { language: 'b' }),
        patient('d', { language: 'c' }),
      ),
    );
    expect(await run(unit)).toEqual({ read: 4, created: 1, updated: 2, unchanged: 1, rejected: 0 });
    const { versions } = await tested.store.history({ type: 'Patient', id: 'd' }, context);
    expect(versions.map((version) => bodyOf(version).language)).toEqual(['c', 'b', 'a']);
  });

  it('cannot move a record to another patient, whoever gave it its id', async () => {
    const { stored } = await tested.store.write({ op: 'create', resource: observation('', 'm1') }, context);
    await tested.store.write({ op: 'update', resource: observation('chosen', 'm1') }, context);
    await tested.store.write(
      { op: 'update', resource: { ...observation('nobodys', 'x'), subject: { display: 'x' } } },
      context,
    );
    const unit = ndjson(lines(...[stored.id, 'chosen', 'nobodys'].map((id) => observation(id, 'm2'))));
    const report = await tested.records.bulk.run(unit, context);
    expect(report.total).toEqual({ read: 3, created: 0, updated: 0, unchanged: 0, rejected: 3 });
    expect(report.rejected.map(({ issues }) => issues[0]?.code)).toEqual(Array(3).fill('business-rule'));
    expect(bodyOf(await tested.store.read('Observation', stored.id, context))).toMatchObject({
      subject: { reference: 'Patient/m1' },
    });
  });

  it('may be a Bundle of 5,000 entries', async () => {
    const entry = Array.from({ length: 5000 }, (_, i) => ({ fullUrl: `urn:uuid:${i}`, resource: patient(`big${i}`) }));
    const body = Buffer.from(JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry }));
    expect(await run({ format: 'bundle', body })).toMatchObject({ read: 5000, created: 5000 });
    expect(await run({ format: 'bundle', body })).toMatchObject({ read: 5000, unchanged: 5000 });
  });

  it('may have CR LF, a byte order mark, empty lines and no end of line', async () => {
    const text = `\ufeff${JSON.stringify(patient('crlf1'))}\r\n\r\n  \n${JSON.stringify(patient('crlf2'))}\r\n${JSON.stringify(patient('crlf3'))}`;
    expect(await run(ndjson(text))).toMatchObject({ read: 3, created: 3, rejected: 0 });
    const bundle = `\ufeff${JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry: [{ resource: patient('bom') }] })}`;
    expect(await run({ format: 'bundle', body: Buffer.from(bundle) })).toMatchObject({ created: 1 });
  });

  it('gives a line without an id the same one however the line ends', async () => {
    const line = JSON.stringify({ resourceType: 'Organization', name: 'no id' });
    expect(await run(ndjson(`${line}\n`))).toMatchObject({ created: 1 });
    expect(await run(ndjson(`${line}\r\n`))).toMatchObject({ unchanged: 1 });
  });

  it('that is not UTF-8 is refused, line by line, and never stored with other characters', async () => {
    const latin = Buffer.from(
      lines(patient('l1'), patient('l2', { name: [{ family: 'Müller' }] }), patient('l3')),
      'latin1',
    );
    const report = await tested.records.bulk.run(ndjson(latin), context);
    expect(report.total).toMatchObject({ read: 3, created: 2, rejected: 1 });
    expect(report.rejected[0]).toMatchObject({ index: 1, issues: [{ diagnostics: expect.stringContaining('UTF-8') }] });
    expect(await tested.store.read('Patient', 'l2', context)).toBeUndefined();
    const bundle = Buffer.from('{"resourceType":"Bundle","type":"collection","x":"\xff"}', 'latin1');
    expect(await run({ format: 'bundle', body: bundle })).toMatchObject({ rejected: 1 });
  });

  it('of nonsense is refused piece by piece', async () => {
    const deep = `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`;
    const unit = ndjson(
      lines(
        'null',
        '[]',
        '{',
        '"x"',
        deep,
        '{"resourceType":5}',
        '{"resourceType":"Nope","id":"a"}',
        '{"resourceType":"Patient","id":"a b"}',
      ),
    );
    expect(await run(unit)).toMatchObject({ read: 8, rejected: 8 });
    for (const body of [
      '',
      '[]',
      '{"resourceType":"Bundle"}',
      '{"resourceType":"Bundle","entry":[null,5,{"resource":null}]}',
    ]) {
      const report = await tested.records.bulk.run({ format: 'bundle', body: Buffer.from(body) }, context);
      expect(report.total.created).toBe(0);
    }
  });
});

it('two units at once that change the same resources leave every version, each with its event', async () => {
  const unit = (language: string) =>
    ndjson(lines(...Array.from({ length: 300 }, (_, i) => patient(`both${i}`, { language }))));
  const second = await openRecords({ database: tested.database, dataFolder: tested.folder, baseUrl: BASE_URL });
  const totals = (
    await Promise.all([tested.records.bulk.run(unit('a'), context), second.bulk.run(unit('b'), context)])
  ).map((report) => report.total);
  await second.close();
  const changed = totals.reduce((sum, total) => sum + total.created + total.updated, 0);
  expect(totals.reduce((sum, total) => sum + total.created, 0)).toBe(300);
  expect(changed + totals.reduce((sum, total) => sum + total.rejected, 0)).toBe(600);
  const { rows } = await tested.pool.query<{ events: string; versions: string }>(`
    SELECT (SELECT count(*) FROM ledger_outbox o JOIN resource r USING (patient, rid) WHERE o.kind = 7 AND r.version > 0) AS events,
           (SELECT count(*) FROM resource WHERE method <> 'D') + (SELECT count(*) FROM resource_history) AS versions`);
  expect(Number(rows[0]?.versions)).toBeGreaterThanOrEqual(changed);
  expect(Number(rows[0]?.events)).toBeGreaterThanOrEqual(changed);
});

it('a unit whose worker is stopped in the middle can be sent again', async () => {
  const unit = ndjson(lines(...Array.from({ length: 3000 }, (_, i) => patient(`again${i}`))));
  const stopped = await openRecords({ database: tested.database, dataFolder: tested.folder, baseUrl: BASE_URL });
  // one is being worked on, the others wait
  const outcomes = Promise.allSettled(Array.from({ length: 8 }, () => stopped.bulk.run(unit, context)));
  const stored = async (): Promise<number> =>
    Number((await tested.pool.query<{ n: string }>('SELECT count(*) AS n FROM resource')).rows[0]?.n);
  const before = await stored();
  while ((await stored()) === before) await new Promise((resolve) => setTimeout(resolve, 5));
  await stopped.close();
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/again/) } });
  }
  await expect(stopped.bulk.run(unit, context)).rejects.toThrow(/stopped/);
  const total = await run(unit);
  expect(total.created + total.unchanged).toBe(3000);
  expect(total.unchanged).toBeGreaterThan(0);
  const { rows } = await tested.pool.query<{ n: string }>(
    `SELECT count(*) AS n FROM resource r WHERE version = 1
        AND (SELECT count(*) FROM ledger_outbox o WHERE o.patient = r.patient AND o.rid = r.rid) <> 1`,
  );
  expect(Number(rows[0]?.n)).toBe(0);
});
