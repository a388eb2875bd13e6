import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SealBroken } from './sealing/seal.ts';
import { prepared, run } from './sql/run.ts';
import type { StoreParts } from './store-parts.ts';
import { type LabelledRow, openRows, storedColumns } from './stored-row.ts';
import { bodyOf, context, searchOf, type TestStore, testStore } from './testing/store.ts';

let tested: TestStore;
let parts: StoreParts;

beforeAll(async () => {
  tested = await testStore();
  parts = await tested.anotherProcess();
});

afterAll(() => tested?.close());

async function rowsOf(table: 'resource' | 'resource_history'): Promise<LabelledRow[]> {
  const statement = prepared(
    `SELECT ${storedColumns('r')}, 0 AS labels FROM ${table} r ORDER BY patient, rid, version`,
  );
  return run<LabelledRow>(tested.pool, statement, []);
}

async function write(type: string, id: string, elements: object): Promise<void> {
  await tested.store.write({ op: 'update', resource: { resourceType: type, id, ...elements } }, context);
}

const ofPatient = (id: string) => ({ status: 'final', code: { text: 'x' }, subject: { reference: `Patient/${id}` } });

describe('a stored row', () => {
  let row: LabelledRow;

  beforeAll(async () => {
    await write('Patient', 'a', { active: true });
    await write('Patient', 'a', { active: false });
    await write('Patient', 'b', { active: true });
    await write('Observation', 'a1', ofPatient('a'));
    await write('Observation', 'a2', ofPatient('a'));
    await write('Observation', 'b1', ofPatient('b'));
    row = (await rowsOf('resource')).find((one) => one.type === 96) ?? ((await rowsOf('resource'))[0] as LabelledRow);
  });

  it('is refused with any byte of its body changed', async () => {
    for (let i = 0; i < row.body.length; i++) {
      const body = Buffer.from(row.body);
      body[i] = (body[i] ?? 0) ^ 0x10;
      await expect(openRows(parts.keys, [{ ...row, body }])).rejects.toBeInstanceOf(SealBroken);
    }
  });

  it('is refused under another type, id or version, and in another one’s bucket', async () => {
    for (const moved of [{ type: row.type + 1 }, { rid: row.rid + 1n }, { version: row.version + 1 }]) {
      await expect(openRows(parts.keys, [{ ...row, ...moved }])).rejects.toBeInstanceOf(SealBroken);
    }
    const other = (await rowsOf('resource')).find((one) => one.patient !== row.patient) as LabelledRow;
    const moved = { ...row, patient: other.patient, bucket: other.bucket };
    await expect(openRows(parts.keys, [moved])).rejects.toBeInstanceOf(SealBroken);
  });

  it('cannot stand in for another record, version or patient in any pair of rows', async () => {
    const rows = [...(await rowsOf('resource')), ...(await rowsOf('resource_history'))];
    expect(rows.length).toBeGreaterThan(5);
    for (const place of rows) {
      for (const content of rows) {
        const opening = openRows(parts.keys, [{ ...place, body: content.body }]);
        if (place === content) await expect(opening).resolves.toHaveLength(1);
        else await expect(opening).rejects.toBeInstanceOf(SealBroken);
      }
    }
  });

  it('swapped in the database is refused by every way of reading', async () => {
    await tested.pool.query(`
      UPDATE resource r SET body = o.body FROM resource o
       WHERE r.type = o.type AND r.patient = o.patient AND r.rid <> o.rid AND r.type = ${row.type}`);
    const { store } = tested;
    await expect(store.read('Observation', 'a1', context)).rejects.toBeInstanceOf(SealBroken);
    await expect(store.vread('Observation', 'a1', 1, context)).rejects.toBeInstanceOf(SealBroken);
    await expect(store.search(searchOf('Observation?subject=Patient/a'), context)).rejects.toBeInstanceOf(SealBroken);
    await expect(store.history({ type: 'Observation' }, context)).rejects.toBeInstanceOf(SealBroken);
    // another patient's records are not touched by it
    expect((await store.read('Observation', 'b1', context))?.version).toBe(1);
  });
});

describe('a destroyed key', () => {
  let fresh: TestStore;

  beforeAll(async () => {
    fresh = await testStore();
    for (const [patient, id] of [
      ['a', 'x1'],
      ['b', 'x2'],
      ['a', 'x3'],
    ] as const) {
      const resource = { resourceType: 'Observation', id, ...ofPatient(patient) };
      await fresh.store.write({ op: 'update', resource }, context);
    }
    await fresh.store.write({ op: 'update', resource: { resourceType: 'Patient', id: 'a', active: true } }, context);
  });
  afterAll(() => fresh?.close());

  it('takes its records out of searches, histories and reads, and leaves the rest of the page', async () => {
    const { ids } = parts;
    expect(ids).toBeDefined();
    const other = await fresh.anotherProcess();
    await fresh.pool.query('DELETE FROM keys.bucket WHERE patient = $1 AND bucket / 10000 = 1', [
      other.ids.patient('a'),
    ]);
    const page = await other.search.search(searchOf('Observation?status=final'), context);
    expect(page.matches.map(({ id }) => id)).toEqual(['x2']);
    expect(await other.reader.current({ type: 'Observation', id: 'x1' })).toBeUndefined();
    expect(await other.reader.version({ type: 'Observation', id: 'x1' }, 1)).toBeUndefined();
    expect(
      await other.reader.currentOf(other.pool, [
        { type: 'Observation', id: 'x1' },
        { type: 'Observation', id: 'x2' },
      ]),
    ).toMatchObject([undefined, { stored: { id: 'x2' } }]);
    // the patient's other buckets open as before
    expect((await other.reader.current({ type: 'Patient', id: 'a' }))?.stored.version).toBe(1);
  });

  it('of a whole patient does so for all of them, even where bucket keys were left behind', async () => {
    const other = await fresh.anotherProcess();
    await fresh.pool.query('DELETE FROM keys.patient WHERE patient = $1', [other.ids.patient('a')]);
    expect(await other.reader.current({ type: 'Patient', id: 'a' })).toBeUndefined();
    const page = await other.search.search(searchOf('Observation?status=final'), context);
    expect(page.matches.map(({ id }) => id)).toEqual(['x2']);
  });

  it('of another patient is not opened by a wrapped key put in its place', async () => {
    const other = await fresh.anotherProcess();
    await other.keys.bucketKeys([
      { patient: 1n, bucket: 12_026 },
      { patient: 2n, bucket: 12_026 },
    ]);
    await fresh.pool.query(
      'UPDATE keys.bucket k SET wrapped = o.wrapped FROM keys.bucket o WHERE k.patient = 1 AND o.patient = 2',
    );
    const third = await fresh.anotherProcess();
    await expect(third.keys.existingKeys([{ patient: 1n, bucket: 12_026 }])).rejects.toBeInstanceOf(SealBroken);
  });
});

describe('two processes', () => {
  it('that make the same keys at once agree on them', async () => {
    const [one, two] = [await tested.anotherProcess(), await tested.anotherProcess()];
    const wanted = Array.from({ length: 60 }, (_, i) => ({ patient: BigInt(i % 20) + 100n, bucket: 12_026 + i }));
    const backwards = [...wanted].reverse();
    const [a, b] = await Promise.all([one.keys.bucketKeys(wanted), two.keys.bucketKeys(backwards)]);
    b.reverse();
    a.forEach((key, i) => {
      expect(key.equals(b[i] as typeof key)).toBe(true);
    });
    const [x, y] = await Promise.all([one.keys.secret('new'), two.keys.secret('new')]);
    expect(x.equals(y)).toBe(true);
    expect(bodyOf(undefined)).toBeNull();
  });
});
