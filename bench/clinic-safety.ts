/**
 * The safety check of `@meridian/clinic`: processor time for a list of 40 items, and how noisy it is on the synthetic
 * population. Run from the repository root:
 *
 *     npm run bench -- clinic-safety [--patients 400] [--years 10]
 *
 * Noise: each order of the last years is checked on its own day together with all that the patient took then, as a
 * prescriber would see it on signing; a finding counts if it concerns that order. Quiet is the default of the product.
 * Beside it how many of the conflicts that the population plants between a medicine and a formula are seen.
 */
import { parseArgs } from 'node:util';
import { checkSafety, type Finding, type Item, SEVERITIES, safetyInputFromFhir } from '@meridian/clinic';
import type { Resource } from '@meridian/fhir';
import { generatePopulation } from '@meridian/population';

const { values } = parseArgs({
  options: { patients: { type: 'string', default: '400' }, years: { type: 'string', default: '10' } },
});
const UNTIL = '2026-01-31';

/** Forty items that have much to say to one another: drugs, single herbs and formulas. */
const NAMES = [
  ...['warfarin', 'aspirin', 'digoxin', 'furosemide', 'amiodarone', 'simvastatin', 'clarithromycin', 'metformin'],
  ...[
    'gliclazide',
    'losartan',
    'spironolactone',
    'prednisolone',
    'sertraline',
    'tramadol',
    'levothyroxine',
    'omeprazole',
  ],
  ...[
    'ibuprofen',
    'methotrexate',
    'ciclosporin',
    'theophylline',
    '丹參',
    '當歸',
    '枸杞子',
    '人參',
    '麻黃',
    '附子',
    '半夏',
  ],
  ...['大黃', '番瀉葉', '銀杏葉', '貫葉金絲桃', '何首烏', '小柴胡湯', '炙甘草湯', '麻黃湯', '四逆湯', '血府逐瘀湯'],
  ...['桃核承氣湯', '真武湯', '獨活寄生湯'],
];

function speed(): void {
  const items = NAMES.map((name, at): Item => ({ id: `MedicationRequest/${at}`, name }));
  const patient = { age: 70, problems: ['hypertension'], results: { egfr: 40, potassium: 3.4 } };
  const input = { items, patient, on: UNTIL };
  const rounds: number[] = [];
  for (let round = 0; round < 20; round++) {
    const start = process.cpuUsage();
    for (let turn = 0; turn < 100; turn++) checkSafety(input);
    const { user, system } = process.cpuUsage(start);
    if (round >= 10) rounds.push((user + system) / 100 / 1000);
  }
  rounds.sort((a, b) => a - b);
  const found = checkSafety(input, { show: 'all' }).length;
  console.log(
    `check of ${items.length} items: median ${rounds[5]?.toFixed(2)} ms, worst ${rounds[9]?.toFixed(2)} ms (budget 2 ms); ${found} findings`,
  );
}

interface Tally {
  orders: number;
  interrupted: number;
  bySeverity: Map<string, number>;
  byRule: Map<string, number>;
}

const tally = (): Tally => ({ orders: 0, interrupted: 0, bySeverity: new Map(), byRule: new Map() });

function noise(): void {
  const quiet = tally();
  const everything = tally();
  const options = { patients: Number(values.patients), seed: 7, years: Number(values.years), until: UNTIL };
  for (const resources of generatePopulation(options)) {
    if (resources[0]?.resourceType === 'Patient') onSigning(resources, quiet, everything);
  }
  print('quiet (default)', quiet);
  print('all', everything);
  const missed = [...planted.missed].map(([code, number]) => `${code} ${number}`).join(', ');
  console.log(
    `\nplanted conflicts seen when quiet: ${planted.seen} of ${planted.there}${missed === '' ? '' : `; missed: ${missed}`}`,
  );
}

/** The system of the tags of planted conflicts. */
const PLANTED = /\/planted-conflict$/;
const planted = { there: 0, seen: 0, missed: new Map<string, number>() };

const productOf = (order: Resource): string => JSON.stringify(order.medicationCodeableConcept ?? order.id);

/** Whether the check of the day on which a planted formula was signed joins it to an order of the planted medicine. */
function lookForPlanted(orders: readonly Resource[], findings: readonly Finding[], signed: ReadonlySet<string>): void {
  const codeOf = (order: Resource): string | undefined =>
    order.meta?.tag?.find((tag) => PLANTED.test(tag.system ?? ''))?.code;
  for (const formula of orders) {
    const code = codeOf(formula);
    const reference = `MedicationRequest/${formula.id}`;
    if (code === undefined || !signed.has(reference)) continue;
    const medicine = orders.find((one) => codeOf(one) === code && one !== formula);
    if (medicine === undefined || String(medicine.authoredOn) >= String(formula.authoredOn)) continue;
    // the medicine may have been renewed since, by an order without the tag
    const same = orders.filter((one) => productOf(one) === productOf(medicine));
    const wanted = new Set(same.map((one) => `MedicationRequest/${one.id}`));
    const seen = findings.some((one) => {
      const items = one.concerned.flatMap((two) => two.items);
      return items.includes(reference) && items.some((item) => wanted.has(item));
    });
    planted.there++;
    if (seen) planted.seen++;
    else planted.missed.set(code, (planted.missed.get(code) ?? 0) + 1);
  }
}

/** Checks the orders of each day together, as they are signed. */
function onSigning(resources: readonly Resource[], quiet: Tally, everything: Tally): void {
  const days = Map.groupBy(
    resources.filter((one) => one.resourceType === 'MedicationRequest'),
    (one) => String(one.authoredOn).slice(0, 10),
  );
  for (const [day, orders] of days) {
    const signed = new Set(orders.map((one) => `MedicationRequest/${one.id}`));
    const input = safetyInputFromFhir(resources, day);
    const shown = checkSafety(input);
    count(quiet, shown, signed);
    lookForPlanted([...days.values()].flat(), shown, signed);
    count(everything, checkSafety(input, { show: 'all' }), signed);
  }
}

function count(into: Tally, findings: readonly Finding[], signed: ReadonlySet<string>): void {
  into.orders += signed.size;
  const about = findings.filter((one) => one.concerned.some((two) => two.items.some((item) => signed.has(item))));
  if (about.some((one) => one.interrupts)) into.interrupted++;
  for (const one of about) {
    into.bySeverity.set(one.severity, (into.bySeverity.get(one.severity) ?? 0) + 1);
    into.byRule.set(one.rule, (into.byRule.get(one.rule) ?? 0) + 1);
  }
}

function print(name: string, { orders, interrupted, bySeverity, byRule }: Tally): void {
  const per100 = (number: number): string => ((100 * number) / orders).toFixed(2);
  const total = [...bySeverity.values()].reduce((sum, one) => sum + one, 0);
  console.log(
    `\n${name}: ${orders} orders, ${per100(total)} findings per 100; signings interrupted: ${interrupted} (${per100(interrupted)} per 100 orders)`,
  );
  for (const severity of SEVERITIES) console.log(`  ${severity}: ${per100(bySeverity.get(severity) ?? 0)}`);
  const rules = [...byRule].sort((a, b) => b[1] - a[1]).slice(0, 12);
  console.log(`  most frequent: ${rules.map(([rule, number]) => `${rule} ${per100(number)}`).join(', ')}`);
}

speed();
noise();
