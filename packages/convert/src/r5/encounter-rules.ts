import { extend, fields, list, only, put, type Rule, single, take, within } from './rule.ts';

/** The class of an encounter: a Coding in R4, concepts in R5. */
export const ENCOUNTER_CLASS: Rule = {
  up({ from, to }) {
    const coding = take(from, 'class');
    if (coding !== undefined) put(to, 'class', [{ coding: [coding] }]);
  },
  down(step) {
    const classes = list(take(step.from, 'class'));
    const [first] = list(classes[0]?.coding);
    put(step.to, 'class', first ?? { system: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor', code: 'UNK' });
    for (const other of classes.slice(1)) extend(step, '5.0', 'class', 'CodeableConcept', other);
  },
};

export const ENCOUNTER_REASON: Rule = {
  up({ from, to }) {
    const codesOf = list(take(from, 'reasonCode')).map((concept) => ({ concept }));
    const references = list(take(from, 'reasonReference')).map((reference) => ({ reference }));
    const value = [...codesOf, ...references];
    if (value.length > 0) put(to, 'reason', [{ value }]);
  },
  down(step) {
    const reasons = list(take(step.from, 'reason'));
    const values = reasons.flatMap(({ value }) => list(value));
    put(
      step.to,
      'reasonCode',
      values.flatMap(({ concept }) => (concept === undefined ? [] : [concept])),
    );
    put(
      step.to,
      'reasonReference',
      values.flatMap(({ reference }) => (reference === undefined ? [] : [reference])),
    );
    if (reasons.some(({ use }) => use !== undefined)) step.dropped('reason.use', 'R4 has no place for it');
  },
};

export const ENCOUNTER_DIAGNOSIS = within(
  'diagnosis',
  {
    up({ from, to }) {
      const condition = take(from, 'condition');
      if (condition !== undefined) put(to, 'condition', [{ reference: condition }]);
    },
    down(step) {
      const [first, ...others] = list(take(step.from, 'condition'));
      put(
        step.to,
        'condition',
        first?.reference ?? (first && { display: fields(first.concept)?.text ?? 'Not a reference in R5' }),
      );
      if (first?.concept !== undefined) extend(step, '5.0', 'condition', 'CodeableConcept', first.concept);
      for (const other of others) extend(step, '5.0', 'condition', 'Reference', other.reference ?? {});
    },
  },
  single('use', 'use', 'CodeableConcept'),
  only('4.0', 'rank', 'PositiveInt', false),
);

/** What R5 moved from the hospitalization to the encounter itself. */
export const HOSPITALIZATION: Rule = {
  up(step) {
    const stay = fields(take(step.from, 'hospitalization'));
    if (!stay) return;
    const { dietPreference, specialCourtesy, specialArrangement, ...admission } = stay;
    put(step.to, 'dietPreference', dietPreference);
    put(step.to, 'specialCourtesy', specialCourtesy);
    put(step.to, 'specialArrangement', specialArrangement);
    if (Object.keys(admission).length > 0) put(step.to, 'admission', admission);
  },
  down({ from, to }) {
    const stay = { ...fields(take(from, 'admission')) };
    for (const name of ['dietPreference', 'specialCourtesy', 'specialArrangement']) put(stay, name, take(from, name));
    if (Object.keys(stay).length > 0) put(to, 'hospitalization', stay);
  },
};

export const SERVICE_TYPE: Rule = {
  up({ from, to }) {
    const concept = take(from, 'serviceType');
    if (concept !== undefined) put(to, 'serviceType', [{ concept }]);
  },
  down(step) {
    const [first, ...others] = list(take(step.from, 'serviceType'));
    put(step.to, 'serviceType', first?.concept);
    for (const { concept } of others)
      if (concept !== undefined) extend(step, '5.0', 'serviceType', 'CodeableConcept', concept);
  },
};

export const ENCOUNTER_STATUS_UP = {
  arrived: 'in-progress',
  triaged: 'in-progress',
  onleave: 'on-hold',
  finished: 'completed',
};

export const ENCOUNTER_STATUS_DOWN = {
  'on-hold': 'onleave',
  completed: 'finished',
  discharged: 'finished',
  discontinued: 'cancelled',
};
