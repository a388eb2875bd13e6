import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { publishedFiles, publishedText } from '../../tools/published.ts';
import { hasErrors } from '../issue.ts';
import { validate } from './validate.ts';

/** Published R4 examples that break R4 themselves, and how. Everything else that HL7 publishes must be accepted. */
const invalid: Readonly<Record<string, string>> = {
  'ActivityDefinition-blood-tubes-supply.json': 'txt-2: the narrative is blank',
  'ActivityDefinition-heart-valve-replacement.json': 'txt-2: the narrative is blank',
  'EventDefinition-example.json': 'txt-2: the narrative is blank',
  'Questionnaire-zika-virus-exposure-assessment.json': 'txt-2: the narrative is blank',
  'Bundle-dataelements.json': 'bdl-7: one fullUrl stands twice',
  'Bundle-valueset-expansions.json': 'a uri holds an OID with a version behind it, as only a canonical may',
  'DeviceMetric-example.json': 'parent must be a Device and is a DeviceDefinition',
  'DeviceUseStatement-example.json': 'reasonReference must not be a Procedure',
  'ImplementationGuide-fhir.json': 'name and status are missing; one reference has an id of more than 64 characters',
  'Library-zika-virus-intervention-logic.json': 'urn:oid:X.Y.Z is no OID',
  'MedicationRequest-medrx0301.json': 'dispenseRequest.performer must be an Organization and is a Practitioner',
  'Observation-clinical-gender.json': 'performer must not be an Encounter',
  'Questionnaire-qs1.json': 'items have no linkId',
  'SearchParameter-codesystem-extensions-CodeSystem-author.json': 'base is missing',
  'SearchParameter-codesystem-extensions-CodeSystem-effective.json': 'base is missing',
  'SearchParameter-codesystem-extensions-CodeSystem-end.json': 'base is missing',
  'SearchParameter-codesystem-extensions-CodeSystem-keyword.json': 'base is missing',
  'SearchParameter-codesystem-extensions-CodeSystem-workflow.json': 'base is missing',
  'SearchParameter-valueset-extensions-ValueSet-author.json': 'base is missing',
  'SearchParameter-valueset-extensions-ValueSet-effective.json': 'base is missing',
  'SearchParameter-valueset-extensions-ValueSet-end.json': 'base is missing',
  'SearchParameter-valueset-extensions-ValueSet-keyword.json': 'base is missing',
  'SearchParameter-valueset-extensions-ValueSet-workflow.json': 'base is missing',
  'SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json':
    'the id has more than 64 characters',
  'StructureDefinition-Definition.json': 'sdf-4: not abstract and without baseDefinition',
  'StructureDefinition-Event.json': 'sdf-4: not abstract and without baseDefinition',
  'StructureDefinition-FiveWs.json': 'sdf-4: not abstract and without baseDefinition',
  'StructureDefinition-Request.json': 'sdf-4: not abstract and without baseDefinition',
};

/** `MERIDIAN_LONG=1` reads all of the 185 MB; otherwise the few files above 1 MB (Bundles of definitions) are left out. */
const LARGEST = process.env.MERIDIAN_LONG === '1' ? Number.POSITIVE_INFINITY : 1_000_000;

test('of the examples that HL7 publishes, exactly the ones known to break R4 are refused', () => {
  const examples = publishedFiles().map((file) => ({ file, text: publishedText(file) }));
  const taken = examples.filter(({ text }) => text.length <= LARGEST);
  expect(taken.length).toBeGreaterThan(5200);
  const refused = taken.filter(({ text }) => hasErrors(validate(JSON.parse(text)))).map(({ file }) => file);
  const known = taken.filter(({ file }) => Object.hasOwn(invalid, file)).map(({ file }) => file);
  expect(refused).toEqual(known);
});

const samples = new URL('../../../../../shared/data/samples/synthea/', import.meta.url);

function bundles(folder: string): string[] {
  try {
    return readdirSync(new URL(folder, samples)).filter((name) => name.endsWith('.json.gz'));
  } catch {
    return [];
  }
}

describe.each(['r4-2021/', 'r4-2019/'])('Synthea records of %s (skipped without the shared samples)', (folder) => {
  const files = bundles(folder);
  test.skipIf(files.length === 0)('are accepted: every bundle and every resource in it', () => {
    for (const file of files) {
      const bundle: unknown = JSON.parse(gunzipSync(readFileSync(new URL(folder + file, samples))).toString());
      expect(validate(bundle).filter(({ severity }) => severity === 'error')).toEqual([]);
    }
  });
});
