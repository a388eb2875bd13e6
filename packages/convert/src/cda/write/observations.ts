import { inverse, NULL_FLAVOR, RESULT_STATUS, table } from '../concept-maps.ts';
import {
  codeIn,
  concept,
  decimalOf,
  type Fields,
  fields,
  identifiers,
  interval,
  list,
  quantity,
  requiredConcept,
  string,
  timed,
} from './datatypes.ts';
import { element, type Markup, templates } from './markup.ts';
import { comments, type EntryWriter, narrativeLink, status, unknownTime } from './statement.ts';

const RESULT_STATES: Readonly<Record<string, string>> = table({
  ...inverse(RESULT_STATUS),
  preliminary: 'active',
  amended: 'completed',
  corrected: 'completed',
});

/** Observations of any section, by their template. */
export function writeObservation(template: string, release: string): EntryWriter {
  return (resource, line) => {
    const state = RESULT_STATES[string(resource.status) ?? ''] ?? 'completed';
    return element(
      'observation',
      { classCode: 'OBS', moodCode: 'EVN' },
      templates(template, release),
      identifiers(resource),
      requiredConcept('code', resource.code),
      narrativeLink(line),
      status(state),
      timed('effectiveTime', resource, 'effective') ?? unknownTime(),
      observationValue(resource),
      list(resource.interpretation).map((each) => concept('interpretationCode', each)),
      concept('methodCode', resource.method),
      concept('targetSiteCode', resource.bodySite),
      comments(resource),
      list(resource.referenceRange).map(referenceRange),
    );
  };
}

/** `value[x]` with its CDA type, or the nullFlavor of its absence. */
export function observationValue(resource: Fields): Markup | undefined {
  const amount = fields(resource.valueQuantity);
  const comparator = string(amount?.comparator);
  if (amount && comparator !== undefined) {
    const isLow = comparator.startsWith('>');
    const bound = {
      value: decimalOf(amount),
      unit: string(amount.code) ?? string(amount.unit)?.replace(/\s+/g, '_'),
      inclusive: comparator.endsWith('=') ? undefined : 'false',
    };
    return element('value', { 'xsi:type': 'IVL_PQ' }, element(isLow ? 'low' : 'high', bound));
  }
  if (amount) return quantity('value', amount, 'PQ');
  const span = fields(resource.valueRange);
  if (span) return element('value', { 'xsi:type': 'IVL_PQ' }, quantity('low', span.low), quantity('high', span.high));
  const ratio = fields(resource.valueRatio);
  if (ratio)
    return element(
      'value',
      { 'xsi:type': 'RTO_PQ_PQ' },
      quantity('numerator', ratio.numerator),
      quantity('denominator', ratio.denominator),
    );
  if (typeof resource.valueInteger === 'number')
    return element('value', { 'xsi:type': 'INT', value: resource.valueInteger });
  if (typeof resource.valueBoolean === 'boolean')
    return element('value', { 'xsi:type': 'BL', value: String(resource.valueBoolean) });
  const text = string(resource.valueString);
  if (text !== undefined) return element('value', { 'xsi:type': 'ST' }, text);
  const at = interval(
    'value',
    { at: resource.valueDateTime, period: resource.valuePeriod },
    resource.valuePeriod ? 'IVL_TS' : 'TS',
  );
  if (at) return at;
  const coded = concept('value', resource.valueCodeableConcept, 'CD');
  if (coded) return coded;
  const absent = codeIn(resource.dataAbsentReason, 'http://terminology.hl7.org/CodeSystem/data-absent-reason');
  return absent === undefined
    ? undefined
    : element('value', { 'xsi:type': 'CD', nullFlavor: NULL_FLAVOR[absent] ?? 'UNK' });
}

function referenceRange(range: Fields): Markup {
  const [low, high] = [quantity('low', range.low), quantity('high', range.high)];
  const text = string(range.text);
  return element(
    'referenceRange',
    {},
    element(
      'observationRange',
      {},
      text === undefined ? undefined : element('text', {}, text),
      low || high ? element('value', { 'xsi:type': 'IVL_PQ' }, low, high) : undefined,
    ),
  );
}

/** A panel around observations. */
export function writeOrganizer(
  template: string,
  release: string,
  classCode: string,
  panel: Fields,
  members: readonly Markup[],
): Markup {
  const state = RESULT_STATES[string(panel.status) ?? ''] ?? 'completed';
  return element(
    'organizer',
    { classCode, moodCode: 'EVN' },
    templates(template, release),
    identifiers(panel),
    requiredConcept('code', panel.code),
    status(state),
    timed('effectiveTime', panel, 'effective'),
    members.map((member) => element('component', {}, member)),
  );
}
