/** The median; NaN of an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return Number.NaN;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Median absolute deviation × 1.4826, which estimates the standard deviation of normal data (Hampel 1974). */
export function medianAbsoluteDeviation(values: readonly number[]): number {
  const centre = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - centre)));
}

/** A point of a series: `x` in any unit of time. */
export interface Point {
  x: number;
  y: number;
}

/** The median of the slopes of all pairs (Sen PK. J Am Stat Assoc 1968;63:1379-1389); NaN without two different x. */
export function theilSen(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const [i, a] of points.entries()) {
    for (const b of points.slice(i + 1)) if (b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
  }
  return median(slopes);
}

/**
 * Two-sided p of the Mann-Kendall test for a monotonic trend in values in the order of time (Mann HB. Econometrica
 * 1945;13:245-259; Kendall MG. Rank correlation methods, 1975): exact without ties up to ten values, otherwise the
 * normal approximation with the correction for ties and continuity.
 */
export function mannKendall(values: readonly number[]): { s: number; p: number } {
  const n = values.length;
  let s = 0;
  for (const [i, a] of values.entries()) for (const b of values.slice(i + 1)) s += Math.sign(b - a);
  const ties = [...Map.groupBy(values, (value) => value).values()].map((group) => group.length);
  if (n <= 10 && ties.every((size) => size === 1)) return { s, p: exactP(n, s) };
  const spread = (m: number) => m * (m - 1) * (2 * m + 5);
  const variance = (spread(n) - ties.reduce((sum, size) => sum + spread(size), 0)) / 18;
  if (variance <= 0 || s === 0) return { s, p: 1 };
  const z = (Math.abs(s) - 1) / Math.sqrt(variance);
  return { s, p: Math.min(1, 2 * upperTail(z)) };
}

/** The share of the orders of n different values whose |S| is at least as large, counted by inversions. */
function exactP(n: number, s: number): number {
  let counts = [1];
  for (let size = 2; size <= n; size++) {
    const next = new Array<number>(counts.length + size - 1).fill(0);
    for (const [inversions, count] of counts.entries()) {
      for (let more = 0; more < size; more++) next[inversions + more] = (next[inversions + more] as number) + count;
    }
    counts = next;
  }
  const pairs = (n * (n - 1)) / 2;
  let extreme = 0;
  let all = 0;
  for (const [inversions, count] of counts.entries()) {
    all += count;
    if (Math.abs(pairs - 2 * inversions) >= Math.abs(s)) extreme += count;
  }
  return extreme / all;
}

/** P(Z > z) of the standard normal distribution for z ≥ 0 (Abramowitz and Stegun 26.2.17; error below 7.5e-8). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = series.reduceRight((rest, coefficient) => (rest + coefficient) * t, 0);
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
