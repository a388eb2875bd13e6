import { mkdtempSync, rmSync } from 'node:fs';
import fs from 'node:fs';
import { openDatabase, migrate, openRecords } from '/work/main/packages/records/src/index.ts';
import { generatePopulation } from '/work/main/packages/population/src/index.ts';
const folder = mkdtempSync('/tmp/mbench-');
const database = await openDatabase({ dataFolder: folder });
await migrate(database.connection);
const records = await openRecords({ database, dataFolder: folder });
const ctx = { actor: 'system', purpose: 'HOPERAT', requestId: 'r' };
const units: Buffer[] = []; let lines: string[] = []; let total = 0;
for (const rs of generatePopulation({ patients: Number(process.env.P ?? 100), seed: 7, years: 20, until: '2026-11-01' })) for (const r of rs) { lines.push(JSON.stringify(r)); total++; if (lines.length >= 1000) { units.push(Buffer.from(lines.join('\n'))); lines = []; } }
units.push(Buffer.from(lines.join('\n')));
console.log('resources', total, 'MB', units.reduce((s, u) => s + u.length, 0) / 1e6);
function ticks(): [number, number] { let t = 0, self = 0; for (const p of fs.readdirSync('/proc')) { if (!/^\d+$/.test(p)) continue; try { const st = fs.readFileSync('/proc/' + p + '/stat', 'utf8'); const f = st.slice(st.lastIndexOf(')') + 2).split(' '); const v = Number(f[11]) + Number(f[12]); if (Number(p) === process.pid) { self = v; continue; } if (!fs.readlinkSync('/proc/' + p + '/cwd').includes(folder.slice(5))) continue; t += v; } catch {} } return [self, t]; }
for (const round of ['first', 'again']) {
  const t0 = performance.now(); const [s0, p0] = ticks();
  const rep = await Promise.all(units.map((body) => records.bulk.run({ format: 'ndjson', body }, ctx)));
  const s = (performance.now() - t0) / 1000; const [s1, p1] = ticks();
  const sum = rep.reduce((a, r) => ({ c: a.c + r.total.created, u: a.u + r.total.unchanged, x: a.x + r.total.rejected }), { c: 0, u: 0, x: 0 });
  console.log(round, sum, Math.round(total / s) + '/s', 'node µs', ((s1 - s0) * 10000 / total).toFixed(0), 'pg µs', ((p1 - p0) * 10000 / total).toFixed(0));
}
await records.close(); await database.close(); rmSync(folder, { recursive: true });
