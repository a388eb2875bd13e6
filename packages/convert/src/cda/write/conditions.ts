import { CLINICAL_STATUS, CRITICALITY, inverse, SEVERITY } from '../concept-maps.ts';
import {
  anyCode,
  concept,
  type Fields,
  fields,
  identifiers,
  list,
  requiredConcept,
  string,
  time,
} from './datatypes.ts';
import { element, type Markup, templates } from './markup.ts';
import {
  ACT_CLASS,
  author,
  comments,
  type EntryWriter,
  LOINC,
  narrativeLink,
  related,
  SNOMED,
  status,
} from './statement.ts';

const STATUS_VALUES = inverse(CLINICAL_STATUS);

function statusObservation(template: string, release: string, code: string): Markup {
  return element(
    'observation',
    { classCode: 'OBS', moodCode: 'EVN' },
    templates(template, release),
    element('code', { code: '33999-4', codeSystem: LOINC, displayName: 'Status' }),
    status('completed'),
    element('value', { 'xsi:type': 'CD', code: STATUS_VALUES[code], codeSystem: SNOMED }),
  );
}

function verificationOf(resource: Fields): string | undefined {
  return anyCode(resource.verificationStatus);
}

function concern(template: readonly [string, string], code: Markup, resource: Fields, observation: Markup): Markup {
  const clinical = anyCode(resource.clinicalStatus);
  const isOver = clinical === 'resolved' || clinical === 'inactive' || clinical === 'remission';
  const state = verificationOf(resource) === 'entered-in-error' ? 'nullified' : isOver ? 'completed' : 'active';
  const recorded = time('low', resource.recordedDate) ?? element('low', { nullFlavor: 'UNK' });
  return element(
    'act',
    { classCode: 'ACT', moodCode: 'EVN' },
    templates(...template),
    identifiers({ resourceType: 'Concern', id: `${resource.resourceType}/${resource.id}` }),
    code,
    status(state),
    element('effectiveTime', {}, recorded, isOver ? element('high', { nullFlavor: 'UNK' }) : undefined),
    author(resource),
    related('SUBJ', observation),
  );
}

function onset(resource: Fields): Markup {
  const period = fields(resource.onsetPeriod);
  const low = time('low', resource.onsetDateTime ?? period?.start) ?? element('low', { nullFlavor: 'UNK' });
  return element('effectiveTime', {}, low, time('high', resource.abatementDateTime));
}

function negation(resource: Fields): string | undefined {
  return verificationOf(resource) === 'refuted' ? 'true' : undefined;
}

export const writeCondition: EntryWriter = (resource, line) => {
  const clinical = anyCode(resource.clinicalStatus);
  const observation = element(
    'observation',
    { classCode: 'OBS', moodCode: 'EVN', negationInd: negation(resource) },
    templates('22.4.4', '2015-08-01'),
    identifiers(resource),
    element(
      'code',
      { code: '55607006', codeSystem: SNOMED, displayName: 'Problem' },
      element('translation', { code: '75326-9', codeSystem: LOINC, displayName: 'Problem' }),
    ),
    narrativeLink(line),
    status('completed'),
    onset(resource),
    requiredConcept('value', resource.code, 'CD'),
    list(resource.bodySite).map((site) => concept('targetSiteCode', site)),
    STATUS_VALUES[clinical ?? ''] === undefined || clinical === undefined
      ? undefined
      : related('REFR', statusObservation('22.4.6', '2019-06-20', clinical)),
    comments(resource),
  );
  return concern(
    ['22.4.3', '2015-08-01'],
    element('code', { code: 'CONC', codeSystem: ACT_CLASS }),
    resource,
    observation,
  );
};

/** Kind of allergy by type and category (FC-AllergyIntoleranceType and -Category). */
function allergyKind(resource: Fields): readonly [code: string, display: string] {
  const category = Array.isArray(resource.category) ? resource.category[0] : undefined;
  const isIntolerance = resource.type === 'intolerance';
  if (category === 'food')
    return isIntolerance
      ? ['235719002', 'Intolerance to food']
      : resource.type === 'allergy'
        ? ['414285001', 'Allergy to food']
        : ['418471000', 'Propensity to adverse reactions to food'];
  if (category === 'medication')
    return isIntolerance
      ? ['59037007', 'Drug intolerance']
      : resource.type === 'allergy'
        ? ['416098002', 'Allergy to drug']
        : ['419511003', 'Propensity to adverse reactions to drug'];
  return resource.type === 'allergy'
    ? ['419199007', 'Allergy to substance']
    : ['420134006', 'Propensity to adverse reaction'];
}

const SEVERITY_VALUES = inverse(SEVERITY);

const CRITICALITY_VALUES = inverse(CRITICALITY);

export const writeAllergy: EntryWriter = (resource, line) => {
  const [code, displayName] = allergyKind(resource);
  const criticality = CRITICALITY_VALUES[string(resource.criticality) ?? ''];
  const clinical = anyCode(resource.clinicalStatus);
  const participant = element(
    'participant',
    { typeCode: 'CSM' },
    element(
      'participantRole',
      { classCode: 'MANU' },
      element('playingEntity', { classCode: 'MMAT' }, requiredConcept('code', resource.code)),
    ),
  );
  const observation = element(
    'observation',
    { classCode: 'OBS', moodCode: 'EVN', negationInd: negation(resource) },
    templates('22.4.7', '2014-06-09'),
    identifiers(resource),
    element('code', { code: 'ASSERTION', codeSystem: '2.16.840.1.113883.5.4' }),
    narrativeLink(line),
    status('completed'),
    onset(resource),
    element('value', { 'xsi:type': 'CD', code, codeSystem: SNOMED, displayName }),
    participant,
    clinical === undefined ? undefined : related('SUBJ', statusObservation('22.4.28', '2019-06-20', clinical), true),
    list(resource.reaction).flatMap(reactions),
    criticality &&
      related(
        'SUBJ',
        codedObservation(
          ['22.4.145'],
          { code: '82606-5', codeSystem: LOINC },
          { code: criticality, codeSystem: '2.16.840.1.113883.5.1063' },
        ),
        true,
      ),
    comments(resource),
  );
  return concern(
    ['22.4.30', '2015-08-01'],
    element('code', { code: 'CONC', codeSystem: ACT_CLASS }),
    resource,
    observation,
  );
};

function codedObservation(
  template: readonly [string, string?],
  code: Record<string, string>,
  value: Record<string, string>,
): Markup {
  return element(
    'observation',
    { classCode: 'OBS', moodCode: 'EVN' },
    templates(...template),
    element('code', code),
    status('completed'),
    element('value', { 'xsi:type': 'CD', ...value }),
  );
}

function reactions(reaction: Fields): Markup[] {
  const severity = SEVERITY_VALUES[string(reaction.severity) ?? ''];
  return list(reaction.manifestation).map((manifestation) =>
    related(
      'MFST',
      element(
        'observation',
        { classCode: 'OBS', moodCode: 'EVN' },
        templates('22.4.9', '2014-06-09'),
        element('id', { nullFlavor: 'NI' }),
        element('code', { code: 'ASSERTION', codeSystem: '2.16.840.1.113883.5.4' }),
        string(reaction.description) === undefined ? undefined : element('text', {}, string(reaction.description)),
        status('completed'),
        time('low', reaction.onset) && element('effectiveTime', {}, time('low', reaction.onset)),
        requiredConcept('value', manifestation, 'CD'),
        severity &&
          related(
            'SUBJ',
            codedObservation(
              ['22.4.8', '2014-06-09'],
              { code: 'SEV', codeSystem: '2.16.840.1.113883.5.4' },
              { code: severity, codeSystem: SNOMED },
            ),
            true,
          ),
      ),
      true,
    ),
  );
}
