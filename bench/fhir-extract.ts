/**
 * Microseconds per operation of what every write and every search pass through. Run from the repository root:
 *
 *     node bench/fhir-extract.ts
 */
import { readFileSync } from 'node:fs';
import { extract, parseJson, parseSearch, patientIdOf, type Resource, stringifyJson } from '@meridian/fhir';

const EXAMPLES = new URL('../node_modules/hl7.fhir.r4.examples/', import.meta.url);
const ROUNDS = 7;
const REPEATS = 20_000;

function example(name: string): string {
  return JSON.stringify(JSON.parse(readFileSync(new URL(`${name}.json`, EXAMPLES), 'utf8')));
}

/** The median of several rounds, in microseconds, after one round to warm up. */
function microseconds(run: () => unknown): number {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let repeat = 0; repeat < REPEATS; repeat++) run();
    rounds.push(Number(process.hrtime.bigint() - start) / REPEATS / 1000);
  }
  const sorted = rounds.slice(1).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

function report(subject: string, operation: string, run: () => unknown): void {
  console.log(`${subject.padEnd(46)} ${operation.padEnd(18)} ${microseconds(run).toFixed(2).padStart(8)} µs`);
}

for (const name of ['Observation-f001', 'Observation-blood-pressure', 'Patient-example', 'Encounter-f001']) {
  const text = example(name);
  const decimals = text.replace(/"value":(\d+)(?:\.(\d+))?([,}])/g, '"value":$1.$20$3');
  const resource = parseJson(text, { depth: 64 }) as Resource;
  const written = parseJson(decimals, { depth: 64 });
  const subject = `${name} (${text.length} B)`;
  report(subject, 'extract', () => extract(resource));
  report(subject, 'patientIdOf', () => patientIdOf(resource));
  report(subject, 'JSON.parse', () => JSON.parse(text));
  report(subject, 'parseJson', () => parseJson(text, { depth: 64 }));
  if (decimals !== text) report(subject, 'parseJson, 1.50', () => parseJson(decimals, { depth: 64 }));
  report(subject, 'JSON.stringify', () => JSON.stringify(resource));
  report(subject, 'stringifyJson', () => stringifyJson(resource));
  if (decimals !== text) report(subject, 'stringifyJson, 1.50', () => stringifyJson(written));
}

const QUERIES = [
  ['Observation', 'patient=1&code=http://loinc.org|1234-5&_sort=-date&_count=20'],
  ['Patient', 'name=chan&birthdate=ge1980'],
  ['Patient', 'identifier=http://h|A123'],
  ['Observation', 'subject:Patient.name=a&value-quantity=gt5.4|http://unitsofmeasure.org|mg'],
  ['Patient', '_has:Observation:patient:code=1234-5&_include=Patient:organization'],
] as const;

for (const [type, query] of QUERIES) {
  const parameters = [...new URLSearchParams(query)];
  const options = { handling: 'strict', baseUrl: 'https://example.org/fhir' } as const;
  report(`${type}?${query}`.slice(0, 46), 'parseSearch', () => parseSearch([type], parameters, options));
}
