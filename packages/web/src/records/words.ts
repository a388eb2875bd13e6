import type { Annotation, CodeableConcept, Period, Quantity, Range, Reference } from 'fhir/r4';

/** Most characters of a record's text in a line of a list. */
export const LINE = 300;
/** Most characters of a record's text on its own page; the source shows the rest. */
export const TEXT = 20_000;

// controls (C0 but tab and line feed, DEL, C1), directional overrides and isolates, and characters without width
const HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
const KEPT = new Set(['\t', '\n', '\u200c', '\u200d']);

/**
 * A record's text made safe to read: what is invisible, or turns the line around, is taken out (Unicode TR 36, section
 * 2.5; joiners stay, since scripts and emoji need them), and the length is bounded.
 */
export function plain(text: string | undefined, most = LINE): string {
  if (text === undefined) return '';
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(HIDDEN, (character) => (KEPT.has(character) ? character : ''));
}

const HAN = /\p{Script=Han}/u;

function isHan(text: string): boolean {
  return HAN.test(text) && !/[a-z]/i.test(text);
}

/** Text that says the same in English and Chinese, one after the other, in the reader's language; other text as it is. */
export function inLanguage(text: string, locale: string): string {
  const at = text.search(HAN);
  if (at < 1 || text.charAt(at - 1).trim() !== '') return text;
  const [latin, han] = [text.slice(0, at).trim(), text.slice(at)];
  if (!/[a-z]/i.test(latin) || /[a-z]{3}/i.test(han)) return text;
  return locale.startsWith('zh') ? han : latin;
}

/** What a concept is called: its text, or the display or code of a coding. */
export function conceptText(concept: CodeableConcept | undefined, locale: string): string {
  const coding = concept?.coding?.find(({ display }) => display !== undefined) ?? concept?.coding?.[0];
  const text = concept?.text ?? coding?.display ?? coding?.code;
  const shown = inLanguage(plain(text), locale);
  // a Chinese name alone says nothing to a reader of English where the code has an English one beside it
  return locale === 'en' && coding?.display !== undefined && isHan(shown) && !isHan(coding.display)
    ? `${shown} ${plain(coding.display)}`
    : shown;
}

export function conceptTexts(concepts: readonly CodeableConcept[] | undefined, locale: string): string {
  return (concepts ?? [])
    .map((concept) => conceptText(concept, locale))
    .filter(Boolean)
    .join(', ');
}

export function codeOf(concept: CodeableConcept | undefined): string | undefined {
  return concept?.coding?.[0]?.code;
}

export function referenceText(reference: Reference | undefined, locale: string): string {
  return inLanguage(plain(reference?.display), locale);
}

export function referenceTexts(references: readonly (Reference | undefined)[] | undefined, locale: string): string {
  return (references ?? [])
    .map((reference) => referenceText(reference, locale))
    .filter(Boolean)
    .join(', ');
}

/** UCUM as people write it, where the two differ. */
const UNITS: Readonly<Record<string, string>> = {
  Cel: '°C',
  '[degF]': '°F',
  'kg/m2': 'kg/m²',
  'mL/min/{1.73_m2}': 'mL/min/1.73 m²',
  'mL/min/1.73m2': 'mL/min/1.73 m²',
  'mm[Hg]': 'mmHg',
  'umol/L': 'µmol/L',
  '10*9/L': '×10⁹/L',
  '10*12/L': '×10¹²/L',
  '{score}': '',
  '1': '',
};

/** A unit as it stands behind a number. */
export function unitText(quantity: Quantity): string {
  const unit = quantity.unit ?? quantity.code ?? '';
  return UNITS[unit] ?? unit.replace(/^\{(.*)\}$/, '$1');
}

export function quantityText(quantity: Quantity | undefined, locale: string): string {
  if (quantity?.value === undefined) return '';
  const value = quantity.value.toLocaleString(locale, { maximumSignificantDigits: 12 });
  return plain(`${quantity.comparator ?? ''}${value} ${unitText(quantity)}`.trim());
}

export function rangeText(range: Range | undefined, locale: string): string {
  const [low, high] = [quantityText(range?.low, locale), quantityText(range?.high, locale)];
  if (low === '') return high === '' ? '' : `≤ ${high}`;
  return high === '' ? `≥ ${low}` : `${low} – ${high}`;
}

export function periodStart(period: Period | undefined): string | undefined {
  return period?.start ?? period?.end;
}

export function noteTexts(notes: readonly Annotation[] | undefined): string[] {
  return (notes ?? []).map(({ text }) => plain(text, TEXT)).filter(Boolean);
}
