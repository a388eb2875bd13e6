import type { Resource } from '@meridian/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANCHOR_SECRET, recordAnchor } from '../anchors.ts';
import { context, NO_WITNESSES, type TestLedger, testLedger } from '../test-ledger.ts';
import { flipBit, flippable } from './test-bit-flip.ts';
import { type VerifyReport, verifyDatabase } from './verify.ts';
import type { LogParts } from './verify-log.ts';

/** Bits flipped; MERIDIAN_LONG asks for 1,000. */
const FLIPS = process.env.MERIDIAN_LONG ? 1000 : 60;

let ledger: TestLedger;

async function verify(onChain?: LogParts['onChain']): Promise<VerifyReport> {
  const { parts, logKeys } = ledger;
  return verifyDatabase({
    pool: ledger.pool,
    keys: parts.keys,
    ...parts.preparer,
    log: {
      ...logKeys,
      policy: NO_WITNESSES,
      known: [],
      anchorKey: await parts.keys.secret(ANCHOR_SECRET),
      ...(onChain && { onChain }),
    },
  });
}

async function sequence(): Promise<void> {
  const sequencer = ledger.sequencer();
  sequencer.start();
  await ledger.drained();
  await sequencer.stop();
}

/** Records of several kinds, some changed, one deleted, some with ids that clients chose. */
async function fill(): Promise<void> {
  const write = (resource: Resource) => ledger.writer.write({ op: 'update', resource }, context);
  for (let p = 0; p < 4; p++) {
    await write({ resourceType: 'Patient', id: `p${p}`, birthDate: '1980-01-01', name: [{ family: `Chan${p}` }] });
    for (let i = 0; i < 6; i++) {
      await write({
        resourceType: 'Observation',
        id: `o${p}-${i}`,
        status: 'final',
        subject: { reference: `Patient/p${p}` },
        code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
        effectiveDateTime: '2025-03-01T08:00:00Z',
        valueQuantity: { value: 60.5 + i, unit: 'bpm', system: 'http://unitsofmeasure.org', code: '/min' },
      } as Resource);
    }
    await write({ resourceType: 'Patient', id: `p${p}`, birthDate: '1980-01-02', name: [{ family: `Chan${p}` }] });
  }
  await write({ resourceType: 'Organization', id: 'org', name: 'Clinic' });
  for (const status of ['active', 'inactive']) {
    await write({ resourceType: 'Consent', id: 'consent', status } as Resource);
  }
  const meta = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }] };
  await write({ resourceType: 'Patient', id: 'p0', meta, birthDate: '1980-01-02' } as Resource);
  await write({ resourceType: 'Basic', id: 'closed', meta, code: { text: 'x' } } as Resource);
  await ledger.writer.write({ op: 'delete', type: 'Basic', id: 'closed' }, context);
  await ledger.writer.write({ op: 'delete', type: 'Observation', id: 'o0-0' }, context);
  await ledger.addViews(40, 4);
}

beforeAll(async () => {
  ledger = await testLedger();
  await fill();
  await sequence();
  const { head } = await ledger.reader();
  const anchor = {
    ...head,
    chainId: 1337,
    contract: `0x${'a1'.repeat(20)}`,
    blockNumber: 7,
    transactionHash: `0x${'b2'.repeat(32)}`,
  };
  await recordAnchor(ledger.pool, anchor, await ledger.parts.keys.secret(ANCHOR_SECRET));
});

afterAll(() => ledger?.close());

describe('verification of a database', () => {
  it('finds nothing where nothing was touched, also while events wait in the outbox', async () => {
    expect((await verify()).findings).toEqual([]);
    await ledger.writer.write({ op: 'update', resource: { resourceType: 'Patient', id: 'p9' } }, context);
    expect((await verify()).findings).toEqual([]);
    await sequence();
    const report = await verify();
    expect(report.findings).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.leaves).toBe(80);
  });

  it(`finds any bit that was flipped (${FLIPS} bits)`, async () => {
    // something waits in the outbox too: views and a record
    await ledger.addViews(2, 2);
    await ledger.writer.write({ op: 'update', resource: { resourceType: 'Patient', id: 'p10' } }, context);
    const targets = await flippable(ledger.pool);
    const missed: string[] = [];
    let flips = 0;
    for (let round = 0; flips < FLIPS; round++) {
      const target = targets[round % targets.length]!;
      const flip = await flipBit(ledger.pool, target, Math.random);
      if (!flip) continue;
      flips++;
      const report = await verify();
      if (report.ok) missed.push(`${flip.table}.${flip.column}`);
      await flip.restore();
    }
    expect(missed).toEqual([]);
    expect((await verify()).findings).toEqual([]);
    await sequence();
  }, 900_000);

  it('asks the chain about every anchor, and no more once it does not answer', async () => {
    const reader = await ledger.reader();
    const key = await ledger.parts.keys.secret(ANCHOR_SECRET);
    const anchor = {
      chainId: 1337,
      contract: `0x${'a1'.repeat(20)}`,
      blockNumber: 3,
      transactionHash: `0x${'b3'.repeat(32)}`,
    };
    await recordAnchor(ledger.pool, { ...anchor, size: 9, root: await reader.root(9) }, key);
    const asked: number[] = [];
    const { findings } = await verify(async ({ size }) => {
      asked.push(size);
      return size !== 9;
    });
    expect(asked).toHaveLength(2);
    expect(findings).toMatchObject([{ kind: 'missing', where: 'ledger_anchor', row: 'size 9' }]);
    let calls = 0;
    const away = await verify(async () => {
      calls++;
      throw new Error('nobody answers');
    });
    expect(away.findings).toEqual([]);
    expect(calls).toBe(1);
  });

  it('refuses at read a record that was changed', async () => {
    await ledger.pool.query(`UPDATE resource SET body = set_bit(body, 200, 1 - get_bit(body, 200)) WHERE rid = $1`, [
      ledger.parts.ids.rid('Patient', 'p1'),
    ]);
    await expect(ledger.parts.reader.current({ type: 'Patient', id: 'p1' })).rejects.toThrow(/does not open/);
    const { findings } = await verify();
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ kind: 'altered', where: 'resource' });
    await ledger.pool.query(`UPDATE resource SET body = set_bit(body, 200, 1 - get_bit(body, 200)) WHERE rid = $1`, [
      ledger.parts.ids.rid('Patient', 'p1'),
    ]);
  });

  it('finds a record that was put in without the log, and one that was taken out', async () => {
    const rid = ledger.parts.ids.rid('Patient', 'p2');
    await ledger.pool.query(
      `INSERT INTO resource_history SELECT patient, rid, updated, 17, bucket, type, method, body FROM resource WHERE rid = $1`,
      [rid],
    );
    expect((await verify()).findings).toMatchObject([{ kind: 'unknown', where: 'resource' }]);
    await ledger.pool.query('DELETE FROM resource_history WHERE version = 17');
    await ledger.pool.query(`CREATE TABLE kept AS SELECT * FROM resource_history WHERE rid = ${rid}`);
    await ledger.pool.query('DELETE FROM resource_history WHERE rid = $1', [rid]);
    expect((await verify()).findings).toMatchObject([{ kind: 'missing', where: 'resource' }]);
    await ledger.pool.query('INSERT INTO resource_history SELECT * FROM kept');
    expect((await verify()).ok).toBe(true);
  });

  it('finds that the last events were deleted, even where chains and size were made to fit', async () => {
    const { size } = (await ledger.reader()).head;
    await ledger.pool.query(`CREATE TABLE last AS SELECT * FROM ledger_event WHERE leaf >= ${size - 5}`);
    await ledger.pool.query(`DELETE FROM ledger_event WHERE leaf >= ${size - 5}`);
    expect((await verify()).findings.some(({ row }) => row === `leaf ${size - 1}`)).toBe(true);
    await ledger.pool.query(`UPDATE ledger_state SET size = ${size - 5}`);
    expect((await verify()).findings.some(({ where }) => where === 'ledger_state')).toBe(true);
    await ledger.pool.query(`UPDATE ledger_state SET size = ${size}`);
    await ledger.pool.query('INSERT INTO ledger_event SELECT * FROM last');
    expect((await verify()).findings).toEqual([]);
  });

  it('names an event that was damaged before it was logged, for as long as its key is there', async () => {
    await ledger.addViews(1, 1);
    await ledger.pool.query('UPDATE ledger_outbox SET sealed = set_bit(sealed, 200, 1 - get_bit(sealed, 200))');
    await sequence();
    const { findings, leaves } = await verify();
    expect(findings).toMatchObject([
      { kind: 'altered', where: 'ledger_event', row: expect.stringMatching(/leaf \d+$/) },
    ]);
    expect(findings[0]?.sentence).toMatch(/before it was logged/);
    expect(findings[0]?.row).toMatch(new RegExp(`leaf ${leaves - 1}$`));
    // once the key is destroyed on purpose, what cannot be opened is no damage any more
    const { rows } = await ledger.pool.query(
      'DELETE FROM keys.bucket k USING ledger_event e WHERE e.replaced AND k.patient = e.patient AND k.bucket = e.bucket RETURNING e.patient',
    );
    expect(rows).toHaveLength(1);
    ledger.parts.keys.forget(BigInt(rows[0].patient));
    expect((await verify()).findings.filter(({ sentence }) => sentence.includes('before it was logged'))).toEqual([]);
  });
});
