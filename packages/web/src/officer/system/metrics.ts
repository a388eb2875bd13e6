/** Values by the name of the metric and its labels, as written: `name{label="x"}`. */
export type Samples = ReadonlyMap<string, number>;

/** Lines that are looked at; a server has a few thousand. */
const MOST = 20_000;

/** Reads the text form of Prometheus metrics, version 0.0.4; lines that are none are passed over. */
export function readMetrics(text: string): Samples {
  const samples = new Map<string, number>();
  for (const line of text.split('\n', MOST)) {
    const at = line.lastIndexOf(' ');
    if (line.startsWith('#') || at < 1) continue;
    const value = Number(line.slice(at + 1));
    if (!Number.isNaN(value)) samples.set(line.slice(0, at), value);
  }
  return samples;
}

/** The sum over all labels of a metric; undefined where there is none of that name. */
export function sumOf(samples: Samples, name: string): number | undefined {
  let sum: number | undefined;
  for (const [key, value] of samples) {
    if (key === name || key.startsWith(`${name}{`)) sum = (sum ?? 0) + value;
  }
  return sum;
}
