import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodingsOf, type Found, findTexts } from './find-bytes.ts';
import { type Random, seeded } from './random.ts';
import { Server } from './server.ts';

/** Texts that occur nowhere else, one set for each way into the store, so that a find names the way it came. */
interface Plant {
  family: string;
  chinese: string;
  hkid: string;
  phone: string;
  street: string;
  note: string;
  id: string;
  code: string;
}

const planted: Record<string, string> = {};
const random = seeded(20_261_123);

function plant(way: string): Plant {
  const texts: Plant = {
    family: `Zeph${random.word(8)}`,
    chinese: rareCharacters(random),
    hkid: `Q${String(random.below(1e6)).padStart(6, '0')}(${random.below(10)})`,
    phone: `+852 ${5000 + random.below(999)} ${1000 + random.below(8999)}`,
    street: `${random.below(999)} Wombat${random.word(6)} Terrace`,
    note: `tells of a quokka ${random.word(10)} and does not sleep`,
    id: `chosen-${random.word(12)}`,
    code: `code-${random.word(12)}`,
  };
  for (const [what, text] of Object.entries(texts)) planted[`${what} by ${way}`] = text;
  return texts;
}

/** Four characters of CJK Extension A: twelve bytes that nothing else here has. */
function rareCharacters(from: Random): string {
  return String.fromCharCode(...Array.from({ length: 4 }, () => 0x3400 + from.below(0x1900)));
}

function patient(p: Plant, id?: string): object {
  return {
    resourceType: 'Patient',
    ...(id !== undefined && { id }),
    identifier: [{ system: 'https://example.org/hkid', value: p.hkid }],
    name: [
      { use: 'official', family: p.family, given: ['Aurelia'] },
      { text: p.chinese, family: p.chinese.slice(0, 1), given: [p.chinese.slice(1)] },
    ],
    telecom: [{ system: 'phone', value: p.phone }],
    address: [{ line: [p.street], city: 'Kwun Tong', text: `${p.street}, Kwun Tong` }],
  };
}

function observation(p: Plant, subject: string, id?: string): object {
  return {
    resourceType: 'Observation',
    ...(id !== undefined && { id }),
    status: 'final',
    code: {
      coding: [{ system: 'https://example.org/codes', code: p.code, display: `Display ${p.note}` }],
      text: p.note,
    },
    subject: { reference: subject, display: `${p.family} ${p.chinese}` },
    effectiveDateTime: '2026-02-03T04:05:06Z',
    valueString: p.note,
    note: [{ text: `${p.note}; ${p.chinese}; call ${p.phone}` }],
  };
}

let server: Server;
let outside: string;

beforeAll(async () => {
  server = await Server.start({ MERIDIAN_LOG: 'debug' });
  outside = await mkdtemp(join(tmpdir(), 'meridian-e2e-source-'));
}, 120_000);

afterAll(async () => {
  await server?.close();
  if (outside) await rm(outside, { recursive: true, force: true });
});

describe('the search for readable text', () => {
  test('finds each encoding of each text, in a file and across the pieces it is read in', async () => {
    const folder = await mkdtemp(join(outside, 'control-'));
    const texts = { latin: 'Zephcontrol99', chinese: '㐀㠀䶀䴀' };
    for (const [name, text] of Object.entries(texts)) {
      for (const [i, { bytes }] of encodingsOf(text).entries()) {
        // astride the border of the first two pieces
        const lead = Buffer.alloc(4 * 1024 * 1024 - 3, i);
        await writeFile(join(folder, `${name}-${i}`), Buffer.concat([lead, bytes, Buffer.from('tail')]));
      }
    }
    const found = await findTexts(folder, texts);
    for (const [name, text] of Object.entries(texts)) {
      for (const [i, { encoding }] of encodingsOf(text).entries()) {
        expect(found.filter(({ file }) => file === `${name}-${i}`).map((hit) => hit.encoding)).toContain(encoding);
      }
    }
    const longer = Buffer.from(`before ${texts.latin} after`).toString('base64');
    await writeFile(join(folder, 'longer'), longer);
    expect((await findTexts(folder, texts)).some(({ file }) => file === 'longer')).toBe(true);
  });

  test('finds a row of this PostgreSQL, as text and as bytea', async () => {
    const database = await server.database();
    const pool = database.pool({ size: 1 });
    const texts = { text: 'Zephreadablerow77', bytea: 'Zephreadablebytea' };
    await pool.query('CREATE TABLE control (words text, bytes bytea)');
    await pool.query('INSERT INTO control VALUES ($1, $2)', [texts.text, Buffer.from(texts.bytea)]);
    const found = new Set((await findTexts(server.dataFolder, texts)).map(({ name }) => name));
    await pool.query('DROP TABLE control');
    await database.close();
    expect([...found].sort()).toEqual(['bytea', 'text']);
  });
});

describe('nothing readable is left on the disk', () => {
  test('by create, update, patch, delete and their refusals', async () => {
    const first = plant('create');
    const created = await server.must('POST', 'Patient', patient(first));
    const subject = `Patient/${created.json.id}`;
    await server.must('POST', 'Observation', observation(first, subject));

    const second = plant('update');
    await server.must('PUT', `Patient/${second.id}`, patient(second, second.id));
    const third = plant('second version');
    await server.must('PUT', `Patient/${second.id}`, patient(third, second.id), { 'if-match': 'W/"1"' });
    await server.must('PUT', `Observation/${third.id}`, observation(third, `Patient/${second.id}`, third.id));
    expect(
      (await server.call('PUT', `Patient/${second.id}`, patient(first, second.id), { 'if-match': 'W/"1"' })).status,
    ).toBe(412);

    const fourth = plant('patch');
    const patch = [{ op: 'replace', path: '/valueString', value: fourth.note }];
    await server.must('PATCH', `Observation/${third.id}`, patch, { 'content-type': 'application/json-patch+json' });
    await server.must('DELETE', `Observation/${third.id}`);

    const fifth = plant('conditional create');
    const condition = { 'if-none-exist': `identifier=https://example.org/hkid|${fifth.hkid}` };
    expect((await server.must('POST', 'Patient', patient(fifth), condition)).status).toBe(201);
    expect((await server.must('POST', 'Patient', patient(fifth), condition)).status).toBe(200);
    const sixth = plant('conditional update');
    await server.must('PUT', `Patient?identifier=${encodeURIComponent(sixth.hkid)}`, patient(sixth));
    await server.must('GET', `Patient/${second.id}/_history`);
  });

  test('by transaction, batch and refused bundles', async () => {
    for (const type of ['transaction', 'batch']) {
      const p = plant(type);
      const mother = 'urn:uuid:00000000-0000-4000-8000-000000000000';
      const entry = Array.from({ length: 20 }, (_, i) => ({
        ...(i === 0 && { fullUrl: mother }),
        resource: i === 0 ? patient(p) : observation(p, mother),
        request: { method: 'POST', url: i === 0 ? 'Patient' : 'Observation' },
      }));
      const used = type === 'transaction' ? entry : entry.slice(0, 1);
      await server.must('POST', '', { resourceType: 'Bundle', type, entry: used });
      const refused = plant(`refused ${type}`);
      const bad = [
        ...used,
        {
          resource: { ...patient(refused), [refused.family]: refused.note },
          request: { method: 'POST', url: 'Patient' },
        },
      ];
      await server.call('POST', '', { resourceType: 'Bundle', type, entry: bad });
    }
  });

  test('by import, command and bulk operation', async () => {
    const lines = plant('import of NDJSON');
    const refused = plant('refused import');
    const file = join(outside, 'resources.ndjson');
    const resources = [
      patient(lines, lines.id),
      observation(lines, `Patient/${lines.id}`, `o-${lines.id}`),
      { ...patient(refused, refused.id), gender: refused.note },
    ];
    await writeFile(file, resources.map((resource) => JSON.stringify(resource)).join('\n'));
    const imported = await server.command('import', file, '--json');
    expect(JSON.parse(imported.stdout).total).toMatchObject({ read: 3, created: 2, rejected: 1 });

    const asked = plant('$import');
    const parameters = {
      resourceType: 'Parameters',
      parameter: [{ name: 'input', resource: patient(asked, asked.id) }],
    };
    await server.call('POST', '$import', parameters, { prefer: 'respond-async' });
    const raw = plant('exchange');
    const answer = await server.send('POST', '/exchange/import', JSON.stringify(patient(raw, raw.id)), {
      'content-type': 'application/fhir+ndjson',
    });
    expect(answer.json.total).toMatchObject({ created: 1 });
  });

  test('by Binary and large attachments', async () => {
    const p = plant('Binary');
    const text = Buffer.from(`${p.family} ${p.chinese} ${p.note}\n`.repeat(20_000));
    const binary = await server.must('POST', 'Binary', text, { 'content-type': 'text/plain; charset=utf-8' });
    const id = String(binary.headers.location).split('/Binary/')[1]?.split('/')[0] ?? '';
    const read = await server.must('GET', `Binary/${id}`, undefined, { accept: 'text/plain' });
    expect(read.bytes.equals(text)).toBe(true);

    const q = plant('attachment');
    await server.must('PUT', `Patient/${q.id}`, patient(q, q.id));
    const data = Buffer.from(`${q.street} ${q.chinese} ${q.note}\n`.repeat(3000)).toString('base64');
    await server.must('POST', 'DocumentReference', {
      resourceType: 'DocumentReference',
      status: 'current',
      subject: { reference: `Patient/${q.id}` },
      description: q.note,
      content: [{ attachment: { contentType: 'text/plain', title: q.family, data } }],
    });
  });

  test('by searches, operations and exports', async () => {
    const p = plant('search');
    for (const value of [p.family, p.chinese, p.phone, p.street]) {
      const query = encodeURIComponent(value);
      await server.must('GET', `Patient?name=${query}&address=${query}&telecom=${query}&_sort=name`);
      await server.must('POST', 'Patient/_search', `name:contains=${query}&_count=5`, {
        'content-type': 'application/x-www-form-urlencoded',
      });
    }
    await server.must('GET', `Patient?identifier=${encodeURIComponent(`https://example.org/hkid|${p.hkid}`)}`);
    await server.must(
      'GET',
      `Observation?subject=Patient/${p.id}&code=${p.code}&value-string=${encodeURIComponent(p.note)}`,
    );
    await server.call('GET', `Patient/${p.id}`);
    const validated = plant('$validate');
    await server.call('POST', 'Patient/$validate', { ...patient(validated), gender: validated.note });

    const started = await server.must('GET', '$export?_type=Patient,Observation', undefined, {
      prefer: 'respond-async',
    });
    const status = new URL(String(started.headers['content-location']));
    for (let i = 0; i < 300; i++) {
      const answer = await server.send('GET', status.pathname + status.search, undefined, {});
      if (answer.status === 200) {
        const outputs = answer.json.output as { url: string }[];
        expect(outputs.length).toBeGreaterThan(0);
        for (const { url } of outputs) {
          const lines = await server.send('GET', new URL(url).pathname, undefined, {
            accept: 'application/fhir+ndjson',
          });
          expect(lines.status).toBe(200);
        }
        return;
      }
      expect(answer.status).toBe(202);
      await pause(100);
    }
    throw new Error('the export did not end');
  });

  test('by requests that are refused', async () => {
    const p = plant('bad request');
    const json = JSON.stringify(patient(p));
    const answers = [
      await server.call('POST', 'Patient', json.slice(0, -9)),
      await server.call('POST', 'Patient', { ...patient(p), [p.family]: p.chinese }),
      await server.call('POST', 'Patient', { ...patient(p), birthDate: p.note }),
      await server.call('POST', 'Patient', json, { 'content-type': `text/${p.code}` }),
      await server.call('POST', `Patient/${p.id}/${p.family}`, patient(p)),
      await server.call('GET', `${p.family}?name=${encodeURIComponent(p.chinese)}`),
      await server.call('GET', `Patient?${p.family}=${p.code}&name:${p.id}=1`, undefined, {
        prefer: 'handling=strict',
      }),
      await server.call('GET', `Patient/${encodeURIComponent(p.street)}`),
      await server.call('GET', 'Patient', undefined, { authorization: `Bearer ${p.family}` }),
      await server.call('PUT', `Patient/${p.id}`, patient(p, p.id), { 'if-match': p.note }),
      await server.call('POST', 'Patient', patient(p), { 'if-none-exist': `${p.family}=${p.code}` }),
      await server.call('PATCH', `Patient/${p.id}`, [{ op: 'test', path: '/id', value: p.note }], {
        'content-type': 'application/json-patch+json',
      }),
    ];
    for (const { status } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
    const named = plant('header');
    await server.call('GET', 'metadata', undefined, { 'x-request-id': named.id, 'user-agent': named.family });
    await server.call('GET', 'Patient?_count=1', undefined, {
      'x-request-id': named.code,
      referer: `http://${named.family}/`,
    });
  });

  test('neither while it runs', async () => {
    expect(places(await findTexts(server.home, planted))).toEqual([]);
  });

  test('nor after it was killed and has recovered', async () => {
    await server.kill();
    expect(places(await findTexts(server.home, planted))).toEqual([]);
    await server.start();
  });

  test('nor when it has been stopped, with everything written back', async () => {
    expect(await server.stop()).toBe(0);
    expect(Object.keys(planted).length).toBeGreaterThan(100);
    expect(places(await findTexts(server.home, planted))).toEqual([]);
  });
});

function places(found: readonly Found[]): string[] {
  return found.map(({ name, encoding, file, offset }) => `${name} in ${encoding} in ${file} at ${offset}`);
}
