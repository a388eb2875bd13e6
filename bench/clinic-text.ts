/**
 * Milliseconds to read one page (about 3,000 characters) of free text in English and in Chinese: sections, findings with their
 * context, measurements, dates, recommendations, Chinese medicine. Run from the repository root:
 *
 *     npm run bench -- clinic-text
 */
import { readFileSync } from 'node:fs';
import { readReport } from '@meridian/clinic';

const PAGE = 3000;
const ROUNDS = 500;
const labelled = new URL('../packages/clinic/data/text/labelled/', import.meta.url);

/** A page of the labelled sentences without their marks. */
function page(language: string): string {
  const lines = readFileSync(new URL(`${language}.txt`, labelled), 'utf8').split('\n');
  const sentences = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' ## ')[0] ?? '');
  return sentences
    .map((line) => line.replace(/\[([^\]|]+)\|[^\]]*\]/g, '$1'))
    .join('\n')
    .slice(0, PAGE);
}

for (const language of ['en', 'zh']) {
  const text = page(language);
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    readReport(text);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  const { user, system } = process.cpuUsage(before);
  const [first = 0] = times;
  const warm = times.slice(ROUNDS / 10).sort((a, b) => a - b);
  const at = (share: number) => (warm[Math.floor(share * (warm.length - 1))] ?? 0).toFixed(2);
  const { findings, measurements, followUps, chineseMedicine } = readReport(text);
  const facts = findings.length + measurements.length + followUps.length + chineseMedicine.length;
  console.log(
    `${language}: ${text.length} characters, ${facts} facts: median ${at(0.5)}  p99 ${at(0.99)}  first ${first.toFixed(2)}  ` +
      `cpu ${((user + system) / 1000 / ROUNDS).toFixed(2)} ms`,
  );
}
