/**
 * Microseconds of processor time per validation, on records that were parsed anew for each round (processor time and not
 * time on the clock, so that a busy machine changes it little). Run from the repository root:
 *
 *     node bench/fhir-validate.ts
 *
 * Beside it what the invariants alone cost when `fhirpath` evaluates them (precompiled) instead of the native rules.
 */
import { readFileSync } from 'node:fs';
import { validate } from '@meridian/fhir';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { definitions, resolveStructure } from '../packages/fhir/src/definitions.ts';

const EXAMPLES = new URL('../node_modules/hl7.fhir.r4.examples/', import.meta.url);
const ROUNDS = 9;
const BATCH = 2000;

const quantity = (value: number) => ({ value, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' });
const concept = (system: string, code: string, display: string) => ({
  coding: [{ system, code, display }],
  text: display,
});

/** About 1.5 KB, as the benchmark of the servers creates them. */
const observation = {
  resourceType: 'Observation',
  identifier: [{ system: 'urn:oid:1.2.36.146.595.217.0.1', value: 'bench-000001' }],
  status: 'final',
  category: [concept('http://terminology.hl7.org/CodeSystem/observation-category', 'laboratory', 'Laboratory')],
  code: concept('http://loinc.org', '2345-7', 'Glucose [Mass/volume] in Serum or Plasma'),
  subject: { reference: 'Patient/6f2c1b9e-0d2b-4c52-9f55-0a1f3b3a2c11' },
  effectiveDateTime: '2021-05-06T07:08:09.123Z',
  issued: '2021-05-06T07:08:09.123Z',
  performer: [{ reference: 'Practitioner/0c9f4d7e-54c1-4a3e-9d0e-6b1b8c3f7a10', display: 'Dr. Ada Example' }],
  valueQuantity: quantity(5.4),
  referenceRange: [
    {
      low: quantity(3.9),
      high: quantity(5.5),
      type: concept('http://terminology.hl7.org/CodeSystem/referencerange-meaning', 'normal', 'Normal Range'),
    },
  ],
  interpretation: [concept('http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', 'N', 'Normal')],
  method: concept('http://snomed.info/sct', '272394005', 'Technique'),
  note: [
    {
      text: 'Patient at rest for five minutes before the measurement; device calibrated according to the ward protocol.',
    },
  ],
};

function example(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, EXAMPLES), 'utf8'));
}

function processorMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Median of several rounds after as many to warm up; each round gets freshly parsed copies, as a server would. */
function median(text: string, batch: number, call: (record: unknown) => void): number {
  const times: number[] = [];
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const copies = Array.from({ length: batch }, () => JSON.parse(text) as unknown);
    const start = processorMicroseconds();
    for (const copy of copies) call(copy);
    if (round >= ROUNDS) times.push((processorMicroseconds() - start) / batch);
  }
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}

/** The invariants of the resource type itself, by `fhirpath`; those of its data types would come on top. */
function fhirpathInvariants(type: string): (record: unknown) => void {
  const keys = (resolveStructure(type)?.constraints ?? []).filter(
    (key) => definitions().constraints[key]?.severity === 'error',
  );
  const compiled = keys.map((key) =>
    fhirpath.compile(definitions().constraints[key]?.expression ?? '', r4, { traceFn: () => {} }),
  );
  return (record) => {
    for (const evaluate of compiled) evaluate(record as object, { resource: record });
  };
}

const start = performance.now();
validate(observation);
console.log(`first validation, tables loaded and compiled: ${(performance.now() - start).toFixed(0)} ms\n`);

const records: [name: string, record: unknown, batch: number][] = [
  ['Observation 1.5 KB', observation, BATCH],
  ['Patient', example('Patient-example'), BATCH],
  ['MedicationRequest', example('MedicationRequest-medrx0302'), BATCH],
  [
    'Bundle of 100 Observations',
    { resourceType: 'Bundle', type: 'collection', entry: Array(100).fill({ resource: observation }) },
    20,
  ],
];
console.log('| record | bytes | µs | MB/s | µs, own invariants by fhirpath alone |');
console.log('|---|---:|---:|---:|---:|');
for (const [name, record, batch] of records) {
  const text = JSON.stringify(record);
  const issues = validate(record);
  if (issues.length > 0) throw new Error(`${name} is not valid: ${issues[0]?.diagnostics}`);
  const own = median(text, batch, validate);
  const type = (record as { resourceType: string }).resourceType;
  const other = type === 'Bundle' ? '' : median(text, Math.min(batch, 200), fhirpathInvariants(type)).toFixed(0);
  console.log(`| ${name} | ${text.length} | ${own.toFixed(1)} | ${(text.length / own).toFixed(0)} | ${other} |`);
}
