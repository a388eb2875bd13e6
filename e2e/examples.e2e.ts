import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from './json.ts';
import { withNumberTexts } from './number-text.ts';
import { type Answer, Server } from './server.ts';

/**
 * Published examples that break the rules of the very release they illustrate, and what each breaks. They must be
 * refused; everything else in the package must be taken and given back the same.
 */
const INVALID: Readonly<Record<string, RegExp>> = {
  'ActivityDefinition-blood-tubes-supply': /txt-2/,
  'ActivityDefinition-heart-valve-replacement': /txt-2/,
  'Bundle-dataelements': /bdl-7/,
  'Bundle-valueset-expansions': /urn:oid/,
  'DeviceMetric-example': /Refer to Device;/,
  'DeviceUseStatement-example': /this refers to Procedure/,
  'EventDefinition-example': /txt-2/,
  'ImplementationGuide-fhir': /Add name/,
  'Library-zika-virus-intervention-logic': /urn:oid/,
  'MedicationRequest-medrx0301': /this refers to Practitioner/,
  'Observation-clinical-gender': /this refers to Encounter/,
  'Questionnaire-qs1': /linkId/,
  'Questionnaire-zika-virus-exposure-assessment': /txt-2/,
  'SearchParameter-codesystem-extensions-CodeSystem-author': /Add base/,
  'SearchParameter-codesystem-extensions-CodeSystem-effective': /Add base/,
  'SearchParameter-codesystem-extensions-CodeSystem-end': /Add base/,
  'SearchParameter-codesystem-extensions-CodeSystem-keyword': /Add base/,
  'SearchParameter-codesystem-extensions-CodeSystem-workflow': /Add base/,
  'SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject': /not a FHIR id/,
  'SearchParameter-valueset-extensions-ValueSet-author': /Add base/,
  'SearchParameter-valueset-extensions-ValueSet-effective': /Add base/,
  'SearchParameter-valueset-extensions-ValueSet-end': /Add base/,
  'SearchParameter-valueset-extensions-ValueSet-keyword': /Add base/,
  'SearchParameter-valueset-extensions-ValueSet-workflow': /Add base/,
  'StructureDefinition-Definition': /sdf-4/,
  'StructureDefinition-Event': /sdf-4/,
  'StructureDefinition-FiveWs': /sdf-4/,
  'StructureDefinition-Request': /sdf-4/,
  'ig-r4': /Add name/,
};

const FOLDER = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));

let server: Server;

beforeAll(async () => {
  server = await Server.start({ MERIDIAN_LOG: 'warn' });
}, 120_000);

afterAll(() => server?.close());

test('every published example of FHIR R4 comes back as it went in', { timeout: 600_000 }, async () => {
  const names = readdirSync(FOLDER).filter(
    (name) => name.endsWith('.json') && name !== 'package.json' && !name.startsWith('.'),
  );
  expect(names.length).toBeGreaterThan(5000);
  const wrong: string[] = [];
  const queue = [...names];
  const work = async (): Promise<void> => {
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      const fault = await roundTrip(name.slice(0, -'.json'.length));
      if (fault !== undefined) wrong.push(`${name}: ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: 6 }, work));
  expect(wrong).toEqual([]);
});

async function roundTrip(name: string): Promise<string | undefined> {
  const text = readFileSync(join(FOLDER, `${name}.json`), 'utf8');
  const { resourceType, id } = JSON.parse(text) as Json;
  const path = `${resourceType}/${id}`;
  const written = await patiently(() => server.call('PUT', path, text));
  const invalid = INVALID[name];
  if (invalid) {
    const said = (written.json.issue ?? []).map(({ diagnostics }) => diagnostics).join(' ');
    return written.status === 400 && invalid.test(said)
      ? undefined
      : `${written.status} ${said.slice(0, 300)}, not ${invalid}`;
  }
  if (written.status !== 201) return `${written.status} ${written.bytes.toString('utf8', 0, 300)}`;
  const read = await patiently(() => server.call('GET', path, undefined, { accept: 'application/fhir+json' }));
  const before = withoutStoreMeta(withNumberTexts(text));
  const after = withoutStoreMeta(withNumberTexts(read.bytes.toString('utf8')));
  return isDeepStrictEqual(await settled(before), await settled(after))
    ? undefined
    : `comes back different: ${read.status}`;
}

/** Large bodies may keep the server so busy that it asks the others to come again. */
async function patiently(request: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    const answer = await request();
    if (answer.status !== 503 || tries === 20) return answer;
    await pause(500);
  }
}

/** What the server may write itself (FHIR R4, Resource.meta). */
function withoutStoreMeta(resource: Json): Json {
  if (!resource.meta) return resource;
  const { versionId: _version, lastUpdated: _updated, ...rest } = resource.meta;
  const { meta: _meta, ...others } = resource;
  return Object.keys(rest).length === 0 ? others : { ...others, meta: rest };
}

/**
 * The same content in one form: base64 without blanks, and attachments of more than 64 KB, which the store keeps as a
 * Binary and refers to, with their data again.
 */
async function settled(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(settled));
  if (value === null || typeof value !== 'object') return value;
  const entries = await Promise.all(
    Object.entries(value).map(async ([key, part]) => [key, await settled(part)] as const),
  );
  const all = Object.fromEntries(entries);
  const { url, size, hash: _hash, data, ...rest } = all;
  if (typeof data === 'string') return { ...all, data: data.replaceAll(/\s/g, '') };
  if (typeof url !== 'string' || !url.startsWith('Binary/') || size === undefined) return all;
  const { bytes } = await patiently(() => server.must('GET', url, undefined, { accept: '*/*' }));
  return { ...rest, data: bytes.toString('base64') };
}
