import { codeToConcept, extend, fields, list, only, put, type Rule, take, within } from './rule.ts';

export const DOCUMENT_CONTEXT: Rule = {
  up(step) {
    const context = fields(take(step.from, 'context'));
    if (!context) return;
    put(step.to, 'context', list(context.encounter));
    put(
      step.to,
      'event',
      list(context.event).map((concept) => ({ concept })),
    );
    for (const name of ['period', 'facilityType', 'practiceSetting']) put(step.to, name, context[name]);
    if (context.sourcePatientInfo !== undefined)
      extend(step, '4.0', 'context.sourcePatientInfo', 'Reference', context.sourcePatientInfo);
    for (const related of list(context.related)) extend(step, '4.0', 'context.related', 'Reference', related);
  },
  down(step) {
    const context: Record<string, unknown> = {};
    const extensions = list(step.from.extension);
    const base = 'http://hl7.org/fhir/4.0/StructureDefinition/extension-DocumentReference.context.';
    const own = extensions.filter(({ url }) => String(url).startsWith(base));
    if (own.length > 0) {
      delete step.from.extension;
      put(
        step.to,
        'extension',
        extensions.filter((each) => !own.includes(each)),
      );
    }
    put(context, 'encounter', list(take(step.from, 'context')));
    const events = list(take(step.from, 'event'));
    put(
      context,
      'event',
      events.flatMap(({ concept }) => (concept === undefined ? [] : [concept])),
    );
    for (const { reference } of events)
      if (reference !== undefined) extend(step, '5.0', 'event', 'Reference', reference);
    for (const name of ['period', 'facilityType', 'practiceSetting']) put(context, name, take(step.from, name));
    put(context, 'sourcePatientInfo', own.find(({ url }) => url === `${base}sourcePatientInfo`)?.valueReference);
    put(
      context,
      'related',
      own.filter(({ url }) => url === `${base}related`).map(({ valueReference }) => valueReference),
    );
    if (Object.keys(context).length > 0) put(step.to, 'context', context);
  },
};

/** R5 writes the format as a profile of the content. */
export const DOCUMENT_FORMAT: Rule = {
  up({ from, to }) {
    const format = take(from, 'format');
    if (format !== undefined) put(to, 'profile', [{ valueCoding: format }]);
  },
  down(step) {
    const profiles = list(take(step.from, 'profile'));
    const coding = profiles.find(({ valueCoding }) => valueCoding !== undefined);
    put(step.to, 'format', coding?.valueCoding);
    if (profiles.length > (coding ? 1 : 0)) step.dropped('profile', 'R4 has one coded format');
  },
};

export const DOCUMENT_ATTESTER: Rule = {
  up({ from, to }) {
    const party = take(from, 'authenticator');
    const system = 'http://hl7.org/fhir/composition-attestation-mode';
    if (party !== undefined) put(to, 'attester', [{ mode: { coding: [{ system, code: 'official' }] }, party }]);
  },
  down(step) {
    const attesters = list(take(step.from, 'attester'));
    put(step.to, 'authenticator', attesters[0]?.party);
    if (attesters.length > 1 || attesters[0]?.time !== undefined)
      step.dropped('attester', 'R4 has one authenticator, without time');
  },
};

/** R5 has no master identifier: it is marked among the identifiers by an extension. */
export const DOCUMENT_IDENTIFIER = only('4.0', 'masterIdentifier', 'Identifier', false);

export const DOCUMENT_RELATION = within(
  'relatesTo',
  codeToConcept('code', 'http://hl7.org/fhir/document-relationship-type'),
);
