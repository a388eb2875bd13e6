/** A piecewise linear curve: points with ascending x. */
export type Curve = readonly (readonly [x: number, y: number])[];

/** The curve's height at `x`, flat beyond its ends. */
export function at(curve: Curve, x: number): number {
  const first = curve[0]!;
  if (x <= first[0]) return first[1];
  for (let i = 1; i < curve.length; i++) {
    const [x0, y0] = curve[i - 1]!;
    const [x1, y1] = curve[i]!;
    if (x <= x1) return y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
  }
  return curve[curve.length - 1]![1];
}

/**
 * The age at which a person whose lot is `share` (uniform in 0..1) falls ill, where `prevalence` gives the share of
 * people of an age who have ever had the illness. `undefined` when they never do. Drawing ages of onset this way makes
 * every age group show the prevalence of the curve.
 */
export function ageOfOnset(prevalence: Curve, share: number, factor = 1): number | undefined {
  for (let i = 1; i < prevalence.length; i++) {
    const [x0, y0] = prevalence[i - 1]!;
    const [x1, y1] = prevalence[i]!;
    const [low, high] = [y0 * factor, y1 * factor];
    if (share >= low && share < high) return x0 + ((share - low) / (high - low)) * (x1 - x0);
  }
  return undefined;
}
