import { afterAll, beforeAll, expect, it } from 'vitest';
import { ANCHOR_SECRET } from './anchors.ts';
import { Monitor } from './monitor.ts';
import { NO_WITNESSES, type TestLedger, testLedger, until } from './test-ledger.ts';
import type { Finding } from './verify/finding.ts';
import { verifyDatabase } from './verify/verify.ts';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await testLedger();
  await ledger.addViews(30, 3);
  const sequencer = ledger.sequencer();
  sequencer.start();
  await ledger.drained();
  await sequencer.stop();
});

afterAll(() => ledger?.close());

it('raises one alarm for a damaged row, shows it until it is repaired, and looks only where it should', async () => {
  const { parts, logKeys } = ledger;
  const { keys, preparer } = parts;
  const anchorKey = await keys.secret(ANCHOR_SECRET);
  const log = { ...logKeys, policy: NO_WITNESSES, known: [], anchorKey };
  const alarms: Finding[] = [];
  let active = false;
  const monitor = new Monitor({
    verify: (ranges) =>
      verifyDatabase({ pool: ledger.pool, keys, ...preparer, log, only: ranges ? { ranges } : 'log' }),
    active: () => active,
    alarm: async (findings) => void alarms.push(...findings),
    interval: 0,
  });
  await ledger.pool.query(
    'UPDATE ledger_event SET sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40)) WHERE leaf = 7',
  );
  monitor.start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(monitor.findings).toEqual([]);
  active = true;
  await until(() => monitor.rounds >= 2);
  expect(alarms).toHaveLength(1);
  expect(monitor.findings).toMatchObject([{ kind: 'altered', where: 'ledger_event' }]);
  await ledger.pool.query(
    'UPDATE ledger_event SET sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40)) WHERE leaf = 7',
  );
  const rounds = monitor.rounds;
  await until(() => monitor.rounds >= rounds + 2);
  expect(monitor.findings).toEqual([]);
  await monitor.stop();
});
