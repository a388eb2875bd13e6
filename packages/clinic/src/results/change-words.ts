import type { Interpretation } from './interpret.ts';
import { readableUnit } from './trend.ts';
import type { Locale } from './words.ts';

/** The result beside the patient's own earlier ones, in a sentence; undefined with fewer than three earlier results. */
export function changeWords({ analyte, baseline }: Interpretation, locale: Locale): string | undefined {
  if (!analyte || !baseline) return undefined;
  const unit = readableUnit(baseline.unit);
  const usual = `${baseline.median.toFixed(analyte.digits)}${unit && ` ${unit}`}`;
  const direction = !baseline.beyondUsual ? 'same' : baseline.change > 0 ? 'higher' : 'lower';
  switch (locale) {
    case 'en':
      return `Your ${baseline.count} earlier results were around ${usual}; ${
        {
          same: 'this one is much like them',
          higher: 'this one is clearly higher',
          lower: 'this one is clearly lower',
        }[direction]
      }.`;
    case 'zh-Hant':
      return `你之前 ${baseline.count} 次的結果約為 ${usual}，今次${
        { same: '與以往相若', higher: '明顯較高', lower: '明顯較低' }[direction]
      }。`;
    case 'zh-Hans':
      return `您之前 ${baseline.count} 次的结果约为 ${usual}，这次${
        { same: '与以往相近', higher: '明显较高', lower: '明显较低' }[direction]
      }。`;
  }
}
