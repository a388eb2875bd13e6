import { ENCOUNTER_STATUS, inverse, PROCEDURE_STATUS, REQUEST_STATUS } from '../concept-maps.ts';
import { concept, fields, identifiers, interval, list, requiredConcept, string, timed } from './datatypes.ts';
import { element, templates } from './markup.ts';
import { author, comments, type EntryWriter, narrativeLink, status, unknownTime } from './statement.ts';

const PROCEDURE_STATES = inverse(PROCEDURE_STATUS);

export const writeProcedure: EntryWriter = (resource, line) => {
  const isNot = resource.status === 'not-done';
  const state = isNot ? 'cancelled' : PROCEDURE_STATES[string(resource.status) ?? ''];
  return element(
    'procedure',
    { classCode: 'PROC', moodCode: 'EVN', negationInd: isNot ? 'true' : undefined },
    templates('22.4.14', '2014-06-09'),
    identifiers(resource),
    requiredConcept('code', resource.code),
    narrativeLink(line),
    state === undefined ? element('statusCode', { nullFlavor: 'UNK' }) : status(state),
    timed('effectiveTime', resource, 'performed') ?? unknownTime(),
    list(resource.bodySite).map((site) => concept('targetSiteCode', site)),
    comments(resource),
  );
};

const ENCOUNTER_STATES = inverse(ENCOUNTER_STATUS);

export const writeEncounter: EntryWriter = (resource, line) => {
  const type = fields(list(resource.type)[0]);
  const kind = fields(resource.class);
  const codings = [...list(type?.coding), ...(kind && string(kind.code) !== 'UNK' ? [kind] : [])];
  const state = ENCOUNTER_STATES[string(resource.status) ?? ''];
  return element(
    'encounter',
    { classCode: 'ENC', moodCode: 'EVN' },
    templates('22.4.49', '2015-08-01'),
    identifiers(resource),
    requiredConcept('code', { coding: codings, ...(type?.text !== undefined && { text: type.text }) }),
    narrativeLink(line),
    state === undefined ? undefined : status(state),
    interval('effectiveTime', { period: resource.period }) ?? unknownTime(),
  );
};

const PLAN_STATES = inverse(REQUEST_STATUS);

/** A ServiceRequest as planned procedure (C-CDA R2.1, 3.75). */
export const writePlan: EntryWriter = (resource, line) =>
  element(
    'procedure',
    {
      classCode: 'PROC',
      moodCode: resource.intent === 'proposal' ? 'PRP' : resource.intent === 'plan' ? 'INT' : 'RQO',
      negationInd: resource.doNotPerform === true ? 'true' : undefined,
    },
    templates('22.4.41', '2014-06-09'),
    identifiers(resource),
    requiredConcept('code', resource.code),
    narrativeLink(line),
    status(PLAN_STATES[string(resource.status) ?? ''] ?? 'active'),
    timed('effectiveTime', resource, 'occurrence'),
    author(resource),
    comments(resource),
  );
