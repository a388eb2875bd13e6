/**
 * HL7 v2 messages parsed and mapped to FHIR transactions, evidence included: processor time for each, on one core. What the
 * store then does with a transaction is measured by `system`. Run from the repository root:
 *
 *     npm run bench -- convert-v2
 */
import { convertMessage, parseMessage } from '@meridian/convert';

const ROUNDS = 5000;
const OPTIONS = { at: new Date('2026-01-01T00:00:00Z'), zone: '+08:00' };

const msh = (type: string): string =>
  `MSH|^~\\&|LAB|HOSP|EMR|HOSP|20260101120000||${type}|ID1|P|2.5.1||||||UNICODE UTF-8`;
const PID =
  'PID|1||1001^^^HOSP^MR||陳^大文^^^Mr||19700203|M|||1 Main Street^^Hong Kong^^^HKG^H||^PRN^PH^^852^^21234567|||M||V77^^^HOSP^VN';
const PV1 =
  'PV1|1|I|W1^2^B^HOSP||||77^Wong^Ka Yan^^^Dr|||MED|||||||||V77^^^HOSP^VN|||||||||||||||||||||||||20260101080000';
const OBR =
  'OBR|1|P1^EMR|F1^LAB|24323-8^Comprehensive metabolic panel^LN|||20260101083000||||||||||||||20260101100000|||F';
const obx = (number: number): string =>
  `OBX|${number}|NM|${2300 + number}-7^Analyte ${number}^LN||${number}.50|mmol/L^^UCUM|3.9-6.1|H|||F|||20260101093000`;

const messages: Readonly<Record<string, readonly string[]>> = {
  'ADT^A08, 3 segments': [msh('ADT^A08^ADT_A01'), 'EVN|A08|20260101120000', PID],
  'ADT^A01 with a visit, an allergy, a diagnosis': [
    msh('ADT^A01^ADT_A01'),
    'EVN|A01|20260101120000',
    PID,
    PV1,
    'AL1|1|DA|7980^Penicillin^RXNORM|SV|Rash',
    'DG1|1||I10^Essential hypertension^I10|||A',
  ],
  'ORU^R01, 1 result': [msh('ORU^R01^ORU_R01'), PID, OBR, obx(1)],
  'ORU^R01, 12 results': [msh('ORU^R01^ORU_R01'), PID, OBR, ...Array.from({ length: 12 }, (_, at) => obx(at + 1))],
};

/** Microseconds of processor time. */
function cost(work: () => unknown): number {
  for (let round = 0; round < ROUNDS / 5; round++) work();
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / ROUNDS;
}

for (const [name, segments] of Object.entries(messages)) {
  const bytes = Buffer.from(segments.join('\r'));
  const entries = convertMessage(bytes, OPTIONS).bundle.entry as unknown[];
  const parse = cost(() => parseMessage(bytes));
  const all = cost(() => convertMessage(bytes, OPTIONS));
  console.log(
    `${name}: ${bytes.length} bytes, ${entries.length} entries: ${Math.round(1e6 / all)}/s of one core, ` +
      `${all.toFixed(0)} µs each, of which parsing ${parse.toFixed(0)} µs`,
  );
}
