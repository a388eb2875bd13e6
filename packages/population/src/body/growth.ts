import { at, type Curve } from '../chance/curve.ts';
import type { Sex } from '../people/name.ts';

/**
 * Median length or height (cm) and weight (kg) by age in years, rounded from the WHO Child Growth Standards (to five
 * years) and the WHO growth reference 2007 (from five), with adult values nearer to those seen in Hong Kong.
 */
const HEIGHT: Record<Sex, Curve> = {
  male: [
    [0, 50],
    [0.25, 61],
    [0.5, 67.5],
    [1, 75.7],
    [2, 87],
    [3, 96],
    [5, 110],
    [7, 121.5],
    [9, 132.5],
    [11, 143],
    [13, 156],
    [15, 167],
    [17, 170.5],
    [19, 171.5],
  ],
  female: [
    [0, 49.2],
    [0.25, 59.8],
    [0.5, 65.7],
    [1, 74],
    [2, 85.7],
    [3, 95],
    [5, 109],
    [7, 120.5],
    [9, 132],
    [11, 144.5],
    [13, 154],
    [15, 157.5],
    [17, 158.5],
    [19, 159],
  ],
};
const WEIGHT: Record<Sex, Curve> = {
  male: [
    [0, 3.3],
    [0.25, 6.4],
    [0.5, 7.9],
    [1, 9.6],
    [2, 12.2],
    [3, 14.3],
    [5, 18.3],
    [7, 22.9],
    [9, 28.5],
    [11, 36],
    [13, 45.5],
    [15, 55],
    [17, 61],
    [19, 65],
  ],
  female: [
    [0, 3.2],
    [0.25, 5.8],
    [0.5, 7.3],
    [1, 8.9],
    [2, 11.5],
    [3, 13.9],
    [5, 17.7],
    [7, 22.4],
    [9, 28.5],
    [11, 37],
    [13, 44.5],
    [15, 49.5],
    [17, 51.5],
    [19, 53],
  ],
};
const HEAD: Record<Sex, Curve> = {
  male: [
    [0, 34.5],
    [0.25, 40.5],
    [0.5, 43.3],
    [1, 46],
    [2, 48.3],
    [3, 49.5],
  ],
  female: [
    [0, 33.9],
    [0.25, 39.5],
    [0.5, 42.2],
    [1, 45],
    [2, 47.2],
    [3, 48.5],
  ],
};

/** Median body measures of an age in years. */
export function medianMeasures(age: number, sex: Sex): { height: number; weight: number; head: number } {
  return { height: at(HEIGHT[sex], age), weight: at(WEIGHT[sex], age), head: at(HEAD[sex], age) };
}
