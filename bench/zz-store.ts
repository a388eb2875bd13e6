import { mkdtempSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { openDatabase, migrate, openRecords } from '/work/main/packages/records/src/index.ts';
import { parseSearch } from '/work/main/packages/fhir/src/index.ts';
const folder = mkdtempSync('/tmp/mbench-');
const database = await openDatabase({ dataFolder: folder });
await migrate(database.connection);
const records = await openRecords({ database, dataFolder: folder }); const store = records.store;
const ctx = { actor: 'Practitioner/x', purpose: 'TREAT', requestId: 'r' };
const LAB = [['8867-4','Heart rate','/min'],['8310-5','Body temperature','Cel'],['2339-0','Glucose','mg/dL'],['4548-4','HbA1c','%'],['2160-0','Creatinine','mg/dL'],['2823-3','Potassium','mmol/L'],['718-7','Hemoglobin','g/dL'],['1-1','A','mg'],['1-2','B','kg'],['1-3','C','%']];
const pats = Array.from({ length: 200 }, () => randomUUID());
let n = 0;
const obs = (p: string, i: number) => { const [code, display, unit] = LAB[i % 10] as [string,string,string]; return { resourceType: 'Observation', identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.5.99999.1', value: 'bench-' + n++ }], status: 'final', category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory', display: 'Laboratory' }] }], code: { coding: [{ system: 'http://loinc.org', code, display }], text: display }, subject: { reference: 'Patient/' + p }, effectiveDateTime: new Date(1.6e12 + Math.random() * 1e11).toISOString(), issued: new Date().toISOString(), performer: [{ reference: 'Practitioner/' + pats[i % 20], display: 'Dr. Ada Bianchi' }], valueQuantity: { value: Math.round(Math.random() * 1000) / 10, unit, system: 'http://unitsofmeasure.org', code: unit }, referenceRange: [{ low: { value: 4, unit, system: 'http://unitsofmeasure.org', code: unit }, high: { value: 10, unit, system: 'http://unitsofmeasure.org', code: unit }, type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/referencerange-meaning', code: 'normal', display: 'Normal Range' }] } }], interpretation: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: 'N', display: 'Normal' }] }], method: { coding: [{ system: 'http://snomed.info/sct', code: '272394005', display: 'Technique' }], text: 'Measured at the point of care' }, note: [{ text: 'Patient at rest for five minutes before the measurement; device calibrated according to the ward protocol.' }] }; };
const ids: [string, string][] = [];
function pgTicks(): number { let t = 0; for (const p of fs.readdirSync('/proc')) { if (!/^\d+$/.test(p)) continue; try { if (!fs.readlinkSync('/proc/' + p + '/cwd').includes(folder.slice(5))) continue; if (Number(p)===process.pid) continue; const st = fs.readFileSync('/proc/' + p + '/stat', 'utf8'); const f = st.slice(st.lastIndexOf(')') + 2).split(' '); t += Number(f[11]) + Number(f[12]); } catch {} } return t; }
async function phase(name: string, seconds: number, conc: number, f: (i: number) => Promise<void>) {
  let count = 0; const end = performance.now() + seconds * 1000; const pg0 = pgTicks(); const cpu = process.cpuUsage(); const t0 = performance.now();
  await Promise.all(Array.from({ length: conc }, async () => { while (performance.now() < end) { await f(count++); } }));
  const s = (performance.now() - t0) / 1000; const c = process.cpuUsage(cpu); const pg = (pgTicks() - pg0) * 10000;
  console.log(name, Math.round(count / s) + '/s', 'node cores', ((c.user + c.system) / 1e6 / s).toFixed(2), 'node µs/op', ((c.user + c.system) / count).toFixed(0), 'pg µs/op', (pg / count).toFixed(0));
}
const S = Number(process.env.S ?? 5);
await phase('warm', 2, 16, async (i) => { const p = pats[i % 200] as string; const r = await store.write({ op: 'create', resource: obs(p, i) }, ctx); ids.push(['Observation', r.stored.id]); });
await phase('create', S, 16, async (i) => { const p = pats[i % 200] as string; const r = await store.write({ op: 'create', resource: obs(p, (i / 200) | 0) }, ctx); ids.push(['Observation', r.stored.id]); });
await phase('read', S, 16, async (i) => { const [t, id] = ids[(i * 7919) % ids.length] as [string, string]; if (!(await store.read(t, id, ctx))) throw new Error('missing'); });
await phase('search', S, 16, async (i) => { const q = parseSearch(['Observation'], [['patient', 'Patient/' + pats[(i * 31) % 200]], ['code', 'http://loinc.org|' + LAB[i % 10]![0]], ['_sort', '-date'], ['_count', '20']], { handling: 'strict', baseUrl: 'http://x/fhir' }); await store.search(q, ctx); });
await phase('txn100', S, 4, async (i) => { const p = pats[i % 200] as string; await store.writeAll(Array.from({ length: 100 }, (_, k) => ({ op: 'create' as const, resource: obs(p, k), id: store.newId(p) })), ctx); });
const pool = database.pool({ size: 1 });
const { rows } = await pool.query(`SELECT c.relname, pg_size_pretty(pg_table_size(c.oid)) t, pg_size_pretty(pg_indexes_size(c.oid)) i, pg_total_relation_size(c.oid) b, c.reltuples FROM pg_class c JOIN pg_namespace n ON n.oid=c.relnamespace WHERE relkind='r' AND nspname IN ('public','keys') ORDER BY b DESC LIMIT 6`);
const total = (await pool.query('SELECT count(*)::int n FROM resource')).rows[0].n;
console.table(rows); console.log('resources', total, 'bytes/resource', rows.reduce((s, r) => s + Number(r.b), 0) / total);
console.table((await pool.query(`SELECT avg(pg_column_size(body)) body, avg(pg_column_size(tokens)) tokens, avg(cardinality(tokens)) nt, avg(pg_column_size(keys)) keys, avg(pg_column_size(r.*)) row FROM resource r`)).rows);console.table((await pool.query(`SELECT avg(pg_column_size(sealed)) sealed, kind, count(*) FROM ledger_outbox GROUP BY kind`)).rows);
const idx = await pool.query(`SELECT indexrelname, pg_relation_size(indexrelid) b FROM pg_stat_user_indexes ORDER BY 2 DESC LIMIT 8`); console.table(idx.rows);
const q = parseSearch(['Observation'], [['patient', 'Patient/' + pats[0]], ['code', 'http://loinc.org|718-7'], ['_sort', '-date'], ['_count', '20']], { handling: 'strict', baseUrl: 'http://x/fhir' });
await store.close(); await database.close(); rmSync(folder, { recursive: true });
