/**
 * Milliseconds to interpret a report of 200 results: ranges, flags, critical limits, delta checks, the patient's own baseline
 * from 1,000 earlier results, derived values, groups; and to put it into plain words. Run from the repository root:
 *
 *     npm run bench -- clinic-results
 */
import { allAnalytes, type Locale, type Measurement, measurementsOf, plainWords, summarise } from '@meridian/clinic';
import type { Resource } from '@meridian/fhir';

const RESULTS = 200;
const EARLIER = 5;
const ROUNDS = 200;
const patient = { sex: 'female', birthDate: '1961-05-04' } as const;
const codes = allAnalytes().flatMap(({ loinc, unit }) => loinc.map((code) => ({ code, unit })));

function observation(index: number, effectiveDateTime: string): Resource {
  const { code, unit } = codes[index % codes.length] ?? { code: '2951-2', unit: 'mmol/L' };
  return {
    resourceType: 'Observation',
    id: `${index}-${effectiveDateTime}`,
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code }] },
    effectiveDateTime,
    valueQuantity: { value: 5 + ((index * 7919) % 97), system: 'http://unitsofmeasure.org', code: unit },
  };
}

function report(effective: string): Measurement[] {
  return Array.from({ length: RESULTS }, (_, index) => observation(index, effective)).flatMap((one) =>
    measurementsOf(one, patient),
  );
}

/**
 * Milliseconds: median and 99th percentile by the clock after a warm-up of a tenth of the rounds, the first run apart, and
 * the processor's time a run (all threads), which other work on the machine does not stretch.
 */
function measure(name: string, run: () => unknown): void {
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    run();
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  const { user, system } = process.cpuUsage(before);
  const cpu = ((user + system) / 1000 / ROUNDS).toFixed(2);
  const [first = 0] = times;
  const warm = times.slice(ROUNDS / 10).sort((a, b) => a - b);
  const at = (share: number) => (warm[Math.floor(share * (warm.length - 1))] ?? 0).toFixed(2).padStart(8);
  console.log(
    `${name.padEnd(52)} median ${at(0.5)}  p99 ${at(0.99)}  first ${first.toFixed(2).padStart(8)}  cpu ${cpu.padStart(6)} ms`,
  );
}

const history = Array.from({ length: EARLIER }, (_, year) => report(`${2020 + year}-06-01T08:00:00Z`)).flat();
const results = report('2026-06-01T08:00:00Z');
const summary = summarise(results, patient, { history });
const locales: readonly Locale[] = ['en', 'zh-Hant', 'zh-Hans'];

console.log(`${results.length} results, ${history.length} earlier; ${summary.derived.length} derived values`);
measure('summarise, no history', () => summarise(results, patient));
measure('summarise, with history', () => summarise(results, patient, { history }));
measure('measurementsOf of the report', () => report('2026-06-01T08:00:00Z'));
for (const locale of locales) {
  measure(`plain words of the report, ${locale}`, () =>
    summary.groups.flatMap((group) => group.results.map((one) => plainWords(one, locale))),
  );
}
