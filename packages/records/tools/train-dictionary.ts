/**
 * Trains a preset dictionary for small FHIR records: `node tools/train-dictionary.ts OUT SAMPLE.ndjson…`.
 *
 * Greedy: counts substrings of a few lengths that begin at JSON borders over all samples, scores each by the bytes that
 * a back-reference saves, and takes the best that are not yet part of what was taken, until the size is reached. The most
 * valuable go to the end, where DEFLATE reaches them with the shortest distances. Samples must be synthetic: parts of
 * them end up in the product.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const SIZE = 6144;
const LENGTHS = [16, 24, 32, 48, 64, 96, 128];
/** A back-reference costs about this many bytes. */
const REFERENCE_COST = 3;
/** Substrings in fewer samples than this are chance, or somebody's data. */
const FEWEST_SAMPLES = 12;

function candidatesOf(text: string): Set<string> {
  const found = new Set<string>();
  for (let at = 0; at < text.length; at++) {
    const before = text[at - 1];
    if (at > 0 && before !== '{' && before !== ',' && before !== '[' && before !== '/') continue;
    for (const length of LENGTHS) if (at + length <= text.length) found.add(text.slice(at, at + length));
  }
  return found;
}

function train(samples: readonly string[]): Buffer {
  const counts = new Map<string, number>();
  for (const sample of samples) {
    for (const candidate of candidatesOf(sample)) counts.set(candidate, (counts.get(candidate) ?? 0) + 1);
  }
  const ranked = [...counts]
    .filter(([, count]) => count >= FEWEST_SAMPLES)
    .map(([text, count]) => ({ text, score: (text.length - REFERENCE_COST) * Math.sqrt(count) }))
    .sort((a, b) => b.score - a.score);
  const taken: string[] = [];
  let size = 0;
  for (const { text } of ranked) {
    if (size >= SIZE) break;
    if (taken.some((other) => other.includes(text))) continue;
    taken.push(text);
    size += Buffer.byteLength(text);
  }
  return Buffer.from(taken.reverse().join('')).subarray(-SIZE);
}

const [out, ...files] = process.argv.slice(2);
if (!out || files.length === 0) throw new Error('usage: train-dictionary.ts OUT SAMPLE.ndjson…');
const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n').filter(Boolean));
writeFileSync(out, train(lines));
process.stdout.write(`${lines.length} samples, ${readFileSync(out).length} bytes\n`);
