import { inverse, MEDICATION_STATUS } from '../concept-maps.ts';
import {
  concept,
  type Fields,
  fields,
  identifiers,
  interval,
  list,
  quantity,
  requiredConcept,
  string,
  time,
  timed,
} from './datatypes.ts';
import { element, type Markup, templates } from './markup.ts';
import {
  author,
  comments,
  type EntryWriter,
  narrativeLink,
  related,
  SNOMED,
  status,
  unknownTime,
} from './statement.ts';

const MEDICATION_STATES = inverse(MEDICATION_STATUS);

/** MedicationStatement and MedicationRequest. */
export const writeMedication: EntryWriter = (resource, line) => {
  const isRequest = resource.resourceType === 'MedicationRequest';
  const dosage = list(resource.dosage ?? resource.dosageInstruction)[0] ?? {};
  const repeat = fields(fields(dosage.timing)?.repeat);
  const dose = list(dosage.doseAndRate)[0];
  const state = MEDICATION_STATES[string(resource.status) ?? ''];
  const isNot = resource.status === 'not-taken' || resource.doNotPerform === true;
  const when = isRequest
    ? interval('effectiveTime', { period: repeat?.boundsPeriod }, 'IVL_TS')
    : timed('effectiveTime', resource, 'effective', 'IVL_TS');
  const asNeeded = concept('value', dosage.asNeededCodeableConcept, 'CD');
  return element(
    'substanceAdministration',
    {
      classCode: 'SBADM',
      moodCode: !isRequest ? 'EVN' : resource.intent === 'plan' ? 'INT' : 'RQO',
      negationInd: isNot ? 'true' : undefined,
    },
    templates('22.4.16', '2014-06-09'),
    identifiers(resource),
    narrativeLink(line),
    state === undefined ? element('statusCode', { nullFlavor: 'UNK' }) : status(state),
    when ?? element('effectiveTime', { 'xsi:type': 'IVL_TS', nullFlavor: 'UNK' }),
    frequency(repeat),
    concept('routeCode', dosage.route),
    concept('approachSiteCode', dosage.site),
    quantity('doseQuantity', dose?.doseQuantity) ??
      doseRange(dose?.doseRange) ??
      element('doseQuantity', { nullFlavor: 'UNK' }),
    quantity('rateQuantity', dose?.rateQuantity),
    element('consumable', {}, product(resource.medicationCodeableConcept, '22.4.23', '2014-06-09')),
    author(resource),
    list(resource.reasonCode).map((reason) =>
      related(
        'RSON',
        element(
          'observation',
          { classCode: 'OBS', moodCode: 'EVN' },
          templates('22.4.19', '2014-06-09'),
          element('id', { nullFlavor: 'NI' }),
          element('code', { code: '55607006', codeSystem: SNOMED }),
          status('completed'),
          requiredConcept('value', reason, 'CD'),
        ),
      ),
    ),
    instruction(string(dosage.text)),
    comments(resource),
    asNeeded || dosage.asNeededBoolean === true
      ? element(
          'precondition',
          { typeCode: 'PRCN' },
          templates('22.4.25', '2014-06-09'),
          element(
            'criterion',
            {},
            element('code', { code: 'ASSERTION', codeSystem: '2.16.840.1.113883.5.4' }),
            asNeeded,
          ),
        )
      : undefined,
  );
};

function instruction(text: string | undefined): Markup | undefined {
  if (text === undefined) return undefined;
  const act = element(
    'act',
    { classCode: 'ACT', moodCode: 'INT' },
    templates('22.4.20', '2014-06-09'),
    element('code', { code: '409073007', codeSystem: SNOMED, displayName: 'Education' }),
    element('text', {}, text),
    status('completed'),
  );
  return related('SUBJ', act, true);
}

function doseRange(value: unknown): Markup | undefined {
  const [low, high] = [quantity('low', fields(value)?.low), quantity('high', fields(value)?.high)];
  return low || high ? element('doseQuantity', {}, low, high) : undefined;
}

/** `every period` as PIVL_TS, an event as EIVL_TS; several times in a period as that part of it. */
function frequency(repeat: Fields | undefined): Markup | undefined {
  const when = Array.isArray(repeat?.when) ? string(repeat.when[0]) : undefined;
  if (when !== undefined)
    return element('effectiveTime', { 'xsi:type': 'EIVL_TS', operator: 'A' }, element('event', { code: when }));
  if (typeof repeat?.period !== 'number' || string(repeat.periodUnit) === undefined) return undefined;
  const times = typeof repeat.frequency === 'number' && repeat.frequency > 0 ? repeat.frequency : 1;
  const width = { value: Number((repeat.period / times).toPrecision(6)), unit: string(repeat.periodUnit) };
  const isRange = typeof repeat.periodMax === 'number' && times === 1;
  const period = isRange
    ? element(
        'period',
        { 'xsi:type': 'IVL_PQ' },
        element('low', width),
        element('high', { value: repeat.periodMax as number, unit: width.unit }),
      )
    : element('period', width);
  return element('effectiveTime', { 'xsi:type': 'PIVL_TS', institutionSpecified: 'false', operator: 'A' }, period);
}

function product(code: unknown, template: string, release: string, lot?: Markup, maker?: Markup): Markup {
  return element(
    'manufacturedProduct',
    { classCode: 'MANU' },
    templates(template, release),
    element('manufacturedMaterial', {}, requiredConcept('code', code), lot),
    maker,
  );
}

export const writeImmunization: EntryWriter = (resource, line) => {
  const lot = string(resource.lotNumber);
  const maker = string(fields(resource.manufacturer)?.display);
  const isNot = resource.status === 'not-done';
  const state = resource.status === 'entered-in-error' ? 'nullified' : 'completed';
  return element(
    'substanceAdministration',
    { classCode: 'SBADM', moodCode: 'EVN', negationInd: isNot ? 'true' : 'false' },
    templates('22.4.52', '2015-08-01'),
    identifiers(resource),
    narrativeLink(line),
    status(state),
    time('effectiveTime', resource.occurrenceDateTime) ?? unknownTime(),
    concept('routeCode', resource.route),
    concept('approachSiteCode', resource.site),
    quantity('doseQuantity', resource.doseQuantity),
    element(
      'consumable',
      {},
      product(
        resource.vaccineCode,
        '22.4.54',
        '2014-06-09',
        lot === undefined ? undefined : element('lotNumberText', {}, lot),
        maker === undefined ? undefined : element('manufacturerOrganization', {}, element('name', {}, maker)),
      ),
    ),
    isNot && fields(resource.statusReason)
      ? related(
          'RSON',
          element(
            'observation',
            { classCode: 'OBS', moodCode: 'EVN' },
            templates('22.4.53'),
            element('id', { nullFlavor: 'NI' }),
            requiredConcept('code', resource.statusReason),
            status('completed'),
          ),
        )
      : undefined,
    comments(resource),
  );
};
