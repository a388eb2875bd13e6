/**
 * Trains a preset dictionary for small FHIR records: `node tools/train-dictionary.ts OUT SAMPLE.ndjson…`.
 *
 * The method is COVER (Liao, Petri, Moffat, Wirth: "Effective Construction of Relative Lempel-Ziv Dictionaries", WWW
 * 2016), as zstd's trainer uses it: the samples are cut into epochs, and from each the segment is taken whose runs of
 * eight letters occur in most samples and are not yet covered. Samples must be synthetic: parts of them end up in the
 * product. phrases.ndjson adds what FHIR records elsewhere are full of and the samples lack.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const SIZE = 8192;
const SEGMENT = 160;
/** Bytes left for phrases.ndjson. */
const PHRASES = 2600;
const RUN = 8;
/** Runs in fewer samples than this are chance, or somebody's data. */
const FEWEST_SAMPLES = 10;

function countRuns(samples: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const sample of samples) {
    const runs = new Set<string>();
    for (let at = 0; at + RUN <= sample.length; at++) runs.add(sample.slice(at, at + RUN));
    for (const run of runs) counts.set(run, (counts.get(run) ?? 0) + 1);
  }
  for (const [run, count] of counts) if (count < FEWEST_SAMPLES) counts.delete(run);
  return counts;
}

/** The best segment of an epoch by the counts that are left, found with a sliding window. */
function bestSegment(epoch: readonly string[], counts: ReadonlyMap<string, number>): { text: string; score: number } {
  let best = { text: '', score: 0 };
  for (const sample of epoch) {
    const within = new Map<string, number>();
    let score = 0;
    for (let end = RUN; end <= sample.length; end++) {
      const added = sample.slice(end - RUN, end);
      const before = within.get(added) ?? 0;
      if (before === 0) score += counts.get(added) ?? 0;
      within.set(added, before + 1);
      if (end > SEGMENT) {
        const start = end - SEGMENT;
        const dropped = sample.slice(start - 1, start - 1 + RUN);
        const left = (within.get(dropped) ?? 1) - 1;
        if (left === 0) {
          within.delete(dropped);
          score -= counts.get(dropped) ?? 0;
        } else within.set(dropped, left);
      }
      if (score > best.score) best = { text: sample.slice(Math.max(0, end - SEGMENT), end), score };
    }
  }
  return best;
}

function train(samples: readonly string[]): Buffer {
  const counts = countRuns(samples);
  const epochs = Math.floor((SIZE - PHRASES) / SEGMENT);
  const taken: { text: string; score: number }[] = [];
  for (let n = 0; n < epochs; n++) {
    const segment = bestSegment(
      samples.filter((_, i) => i % epochs === n),
      counts,
    );
    if (segment.score === 0) continue;
    for (let at = 0; at + RUN <= segment.text.length; at++) counts.delete(segment.text.slice(at, at + RUN));
    taken.push(segment);
  }
  // the most valuable at the end, where DEFLATE reaches it over the shortest distance
  taken.sort((a, b) => a.score - b.score);
  const phrases = readFileSync(new URL('phrases.ndjson', import.meta.url), 'utf8').replaceAll('\n', '');
  return Buffer.from(phrases + taken.map(({ text }) => text).join('')).subarray(-SIZE);
}

const [out, ...files] = process.argv.slice(2);
if (!out || files.length === 0) throw new Error('usage: train-dictionary.ts OUT SAMPLE.ndjson…');
const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n').filter(Boolean));
writeFileSync(out, train(lines));
process.stdout.write(`${lines.length} samples, ${readFileSync(out).length} bytes\n`);
