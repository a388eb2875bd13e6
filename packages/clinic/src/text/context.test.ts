import { expect, it } from 'vitest';
import { readReport } from './read-report.ts';

/** Findings as `words: attributes`. */
function said(text: string): string[] {
  return readReport(text).findings.map(({ start, end, negated, uncertain, temporality, experiencer }) => {
    const attributes = [
      negated && 'negated',
      uncertain && 'uncertain',
      temporality !== 'current' && temporality,
      experiencer === 'family' && 'family',
    ];
    return `${text.slice(start, end)}: ${attributes.filter((one) => one !== false).join(' ')}`.trim();
  });
}

// The sentences of the first six rows are the examples of Chapman 2001 and Harkema 2009, shortened; the others are ours.
it.each([
  ['The patient denies chest pain', ['chest pain: negated']],
  ['Lungs clear, no pneumonia or wheezing', ['pneumonia: negated', 'wheezing: negated']],
  ['Pneumonia was ruled out', ['Pneumonia: negated']],
  ['History of asthma, now presents with cough', ['asthma: historical', 'cough:']],
  ['Return if fever', ['fever: hypothetical']],
  ['Her sister had migraine', ['migraine: family']],
  ['No pneumothorax but a nodule', ['pneumothorax: negated', 'nodule:']],
  ['No fever, there is cough', ['fever: negated', 'cough:']],
  ['No change in the nodule', ['nodule:']],
  ['?pneumonia', ['pneumonia: uncertain']],
  ['effusion ?pneumonia', ['effusion:', 'pneumonia: uncertain']],
  ['Malignancy is unlikely but cannot be excluded', ['Malignancy: uncertain']],
  ['Free fluid is seen', ['Free fluid:']],
  ['Father had stroke, patient has fever', ['stroke: family', 'fever:']],
  ['No history of gout', ['gout: negated']],
])('%s', (text, expected) => expect(said(text)).toEqual(expected));

it.each([
  ['未見氣胸，心影增大', ['氣胸: negated', '心影增大:']],
  ['未見氣胸但有肺炎', ['氣胸: negated', '肺炎:']],
  ['未見氣胸，惟肺氣腫明顯', ['氣胸: negated', '肺氣腫:']],
  ['否認發熱，咳嗽，胸痛', ['發熱: negated', '咳嗽: negated', '胸痛: negated']],
  ['否認發熱。咳嗽', ['發熱: negated', '咳嗽:']],
  ['不排除肺炎', ['肺炎: uncertain']],
  ['考慮肺結核', ['肺結核: uncertain']],
  ['肺炎？', ['肺炎: uncertain']],
  ['肺炎待查', ['肺炎: uncertain']],
  ['肺炎可能性小，但不能排除', ['肺炎: uncertain']],
  ['既往高血壓，現頭痛', ['高血壓: historical', '頭痛:']],
  ['糖尿病史', ['糖尿病: historical']],
  ['家族史：母親糖尿病', ['糖尿病: family']],
  ['父親肝癌，患者腹痛', ['肝癌: family', '腹痛:']],
  ['如有發熱請返診', ['發熱: hypothetical']],
  ['四肢無力', ['無力:']],
  ['頭痛無明顯誘因', ['頭痛:']],
])('%s', (text, expected) => expect(said(text)).toEqual(expected));

it('names the words that made it so', () => {
  const text = '否認胸痛';
  expect(readReport(text).findings[0]?.because.map(({ start, end }) => text.slice(start, end))).toEqual(['否認']);
});
