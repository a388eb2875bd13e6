import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REPOSITORY } from './command.ts';
import { type Json, linkOf, resourcesOf } from './json.ts';
import { Server } from './server.ts';

/** Records of another generator, imported by the command, against answers worked out from the files alone. */
const FOLDER = join(REPOSITORY, '..', 'shared', 'data', 'samples', 'synthea', 'r4-2021');

/** Resources that a patient's file holds, and that a Patient's compartment does not (FHIR R4, CompartmentDefinition). */
const BESIDE = new Set(['Medication', 'Organization', 'Practitioner', 'PractitionerRole', 'Location']);

interface Chart {
  patient: Json;
  resources: Json[];
}

describe.skipIf(!existsSync(FOLDER))('the Synthea sample of 2021', () => {
  let server: Server;
  let outside: string;
  const charts: Chart[] = [];
  const counts: Record<string, number> = {};
  const ids = new Map<string, Set<string>>();

  beforeAll(async () => {
    for (const name of readdirSync(FOLDER).filter((one) => one.endsWith('.json.gz'))) {
      const resources = resourcesOf(JSON.parse(gunzipSync(readFileSync(join(FOLDER, name))).toString('utf8')) as Json);
      const patient = resources.find(({ resourceType }) => resourceType === 'Patient');
      if (patient) charts.push({ patient, resources });
      for (const { resourceType = '', id = '' } of resources) {
        counts[resourceType] = (counts[resourceType] ?? 0) + 1;
        ids.set(resourceType, (ids.get(resourceType) ?? new Set()).add(id));
      }
    }
    outside = await mkdtemp(join(tmpdir(), 'meridian-e2e-export-'));
    server = await Server.start({ MERIDIAN_LOG: 'warn' });
  }, 120_000);

  afterAll(async () => {
    await server?.close();
    if (outside) await rm(outside, { recursive: true, force: true });
  });

  test('is imported to the last resource, and a second time changes nothing', async () => {
    const first = await server.command('import', FOLDER, '--json');
    expect(first.code, first.stderr).toBe(0);
    const { complete, total, byType } = JSON.parse(first.stdout);
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    expect({ complete, read: total.read, created: total.created, rejected: total.rejected }).toEqual({
      complete: true,
      read: all,
      created: all,
      rejected: 0,
    });
    expect(
      Object.fromEntries(Object.entries(byType).map(([type, one]) => [type, (one as { read: number }).read])),
    ).toEqual(counts);
    for (const [type, count] of Object.entries(counts)) {
      expect((await server.must('GET', `${type}?_summary=count`)).json.total, type).toBe(count);
    }
    const second = await server.command('import', FOLDER, '--json');
    expect(second.code).toBe(0);
    expect(JSON.parse(second.stdout).total).toMatchObject({ read: all, created: 0, updated: 0, rejected: 0 });
  });

  test('answers for the newest results of a kind as the files do', async () => {
    for (const { patient, resources } of charts.slice(0, 10)) {
      const observations = resources.filter(({ resourceType }) => resourceType === 'Observation');
      for (const code of new Set(observations.map(codeOf))) {
        const expected = observations.filter((one) => codeOf(one) === code).sort((a, b) => timeOf(b) - timeOf(a));
        const query = `Observation?patient=Patient/${patient.id}&code=${encodeURIComponent(code)}&_sort=-date`;
        const newest = resourcesOf((await server.must('GET', `${query}&_count=5`)).json);
        expect(newest.map(timeOf)).toEqual(expected.slice(0, 5).map(timeOf));
        const found = await allPages(`${query}&_count=50`);
        expect(found.map(timeOf)).toEqual(expected.map(timeOf));
        expect(idsOf(found)).toEqual(idsOf(expected));
      }
    }
  });

  test('finds patients by the beginnings of their names', async () => {
    const words = charts.flatMap(({ patient }) => namesOf(patient));
    for (const word of new Set(words.flatMap((name) => [name, name.slice(0, 3).toLowerCase()]))) {
      const expected = charts.filter(({ patient }) =>
        namesOf(patient).some((name) => plain(name).startsWith(plain(word))),
      );
      const found = await allPages(`Patient?name=${encodeURIComponent(word)}`);
      expect(idsOf(found), word).toEqual(idsOf(expected.map(({ patient }) => patient)));
    }
  });

  test('gives everything of a patient and nothing of another', async () => {
    const owners = new Map(charts.flatMap(({ patient, resources }) => resources.map((one) => [one.id, patient.id])));
    for (const { patient, resources } of charts.slice(0, 8)) {
      const everything = await allPages(`Patient/${patient.id}/$everything`);
      const expected = resources.filter(({ resourceType = '' }) => !BESIDE.has(resourceType));
      const found = new Set(everything.map(({ id }) => id));
      expect(expected.filter(({ id }) => !found.has(id)).map(({ resourceType }) => resourceType)).toEqual([]);
      expect(everything.filter(({ id }) => owners.has(id) && owners.get(id) !== patient.id)).toEqual([]);
    }
  });

  test('has one version of each, at every level of history', async () => {
    const [first] = charts as [Chart];
    const own = (await server.must('GET', `Patient/${first.patient.id}/_history`)).json;
    expect(resourcesOf(own).map(({ meta }) => meta?.versionId)).toEqual(['1']);
    const patients = await allPages('Patient/_history?_count=7');
    expect(idsOf(patients)).toEqual(idsOf(charts.map(({ patient }) => patient)));
    const reports = await allPages('DiagnosticReport/_history?_count=500');
    expect(reports).toHaveLength(counts.DiagnosticReport ?? 0);
  });

  test('is exported to the last resource', async () => {
    const { code, stderr } = await server.command('export', outside);
    expect(code, stderr).toBe(0);
    const exported = new Map<string, Set<string>>();
    for (const name of (await readdir(outside)).filter((one) => one.endsWith('.ndjson'))) {
      for (const line of (await readFile(join(outside, name), 'utf8')).trimEnd().split('\n')) {
        const { resourceType = '', id = '' } = JSON.parse(line) as Json;
        exported.set(resourceType, (exported.get(resourceType) ?? new Set()).add(id));
      }
    }
    // Binary: large attachments that the import moved out
    exported.delete('Binary');
    expect(Object.fromEntries([...exported].map(([type, one]) => [type, one.size]).sort())).toEqual(
      Object.fromEntries(Object.entries(counts).sort()),
    );
    expect(exported).toEqual(ids);
  });

  async function allPages(path: string): Promise<Json[]> {
    const found: Json[] = [];
    for (let next: string | undefined = path; next !== undefined; ) {
      const { json }: { json: Json } = await server.must('GET', next);
      found.push(...resourcesOf(json));
      next = linkOf(json, 'next')?.split('/fhir/')[1];
    }
    return found;
  }
});

interface Coded {
  code: { coding: { system: string; code: string }[] };
}

function codeOf(observation: Json): string {
  const [coding] = (observation as Json & Coded).code.coding;
  return `${coding?.system}|${coding?.code}`;
}

function timeOf({ effectiveDateTime }: Json): number {
  return Date.parse(String(effectiveDateTime));
}

/** All that the parameter `name` looks at (FHIR R4, Patient, search parameters). */
function namesOf(patient: Json): string[] {
  const names = patient.name as {
    family?: string;
    given?: string[];
    prefix?: string[];
    suffix?: string[];
    text?: string;
  }[];
  return names.flatMap(({ family, given = [], prefix = [], suffix = [], text }) =>
    [family, text, ...given, ...prefix, ...suffix].filter((part) => part !== undefined),
  );
}

/** Case, accents and punctuation do not matter (FHIR R4, Search, string). */
function plain(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^\p{L}\p{N} ]/gu, '')
    .toLowerCase();
}

function idsOf(resources: readonly Json[]): string[] {
  return resources.map(({ id }) => String(id)).sort();
}
