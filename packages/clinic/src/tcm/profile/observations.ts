import { TEN_QUESTIONS } from '../terms/examination.ts';
import { boundTo, type ElementRows, extensionSlice, invariant, profileOn } from './definition.ts';
import { codeSystemUrl, EXTENSION } from './url.ts';

/** What the four examinations and the outcome have in common: a finished look at one patient in one visit. */
function common(table: string, code: string): ElementRows {
  return {
    code: { patternCodeableConcept: { coding: [{ system: codeSystemUrl(table), code }] } },
    subject: {
      min: 1,
      type: [{ code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Patient'] }],
    },
    'effective[x]': { min: 1 },
  };
}

const slicedByCode = {
  slicing: { discriminator: [{ type: 'pattern', path: 'code' } as const], rules: 'open' as const },
};

function codedComponent(slice: string, itemSystem: string, code: string, valueSet?: string, max = '*'): ElementRows {
  const id = `component:${slice}`;
  return {
    [id]: { sliceName: slice, min: 0, max },
    [`${id}.code`]: { patternCodeableConcept: { coding: [{ system: codeSystemUrl(itemSystem), code }] } },
    [`${id}.value[x]`]: {
      min: 1,
      type: [{ code: valueSet === undefined ? 'string' : 'CodeableConcept' }],
      ...(valueSet === undefined ? {} : boundTo(valueSet)),
    },
  };
}

function inspection() {
  const item = 'tcm-inspection-item';
  const text = {
    id: 'tcm-inspection',
    title: 'Inspection 望診',
    description: 'Spirit, complexion, bearing, and the tongue in its body and coating.',
  };
  return profileOn('Observation', text, {
    '': {
      constraint: [
        invariant(
          'tcm-tongue-1',
          'A tongue without coating has no colour of coating.',
          `component.where(value.coding.where(system = '${codeSystemUrl('tcm-coating-quality')}' and code = 'none').exists()).empty() or component.where(code.coding.where(system = '${codeSystemUrl(item)}' and code = 'coating-colour').exists()).empty()`,
        ),
      ],
    },
    ...common('tcm-examination', 'inspection'),
    component: { min: 1, ...slicedByCode },
    ...codedComponent('tongueColour', item, 'tongue-colour', 'tcm-tongue-colour', '1'),
    ...codedComponent('tongueShape', item, 'tongue-shape', 'tcm-tongue-shape'),
    ...codedComponent('coatingColour', item, 'coating-colour', 'tcm-coating-colour', '2'),
    ...codedComponent('coatingQuality', item, 'coating-quality', 'tcm-coating-quality'),
  });
}

function listeningSmelling() {
  const text = {
    id: 'tcm-listening-smelling',
    title: 'Listening and smelling 聞診',
    description: 'Voice, breathing, cough and odour, each in words.',
  };
  return profileOn('Observation', text, {
    ...common('tcm-examination', 'listening-smelling'),
    component: { min: 1 },
    'component.code': boundTo('tcm-listening-item'),
    'component.value[x]': { min: 1, type: [{ code: 'string' }] },
  });
}

function inquiry() {
  const text = {
    id: 'tcm-inquiry',
    title: 'Inquiry 問診',
    description: 'The answers to the ten questions, each in words; what was not asked is left out.',
  };
  return profileOn('Observation', text, {
    '': {
      constraint: [
        invariant('tcm-inquiry-1', 'Each question has one answer.', 'component.code.coding.code.isDistinct()'),
      ],
    },
    ...common('tcm-examination', 'inquiry'),
    component: { min: 1, max: String(TEN_QUESTIONS.length) },
    'component.code': boundTo('tcm-ten-questions'),
    'component.value[x]': { min: 1, type: [{ code: 'string' }] },
  });
}

function palpation() {
  const text = {
    id: 'tcm-palpation',
    title: 'Palpation 切診',
    description: 'The pulses: one component for each pulse image at a position, with the depth at which it was felt.',
  };
  const pulses = `component.value.coding.where(system = '${codeSystemUrl('tcm-pulse')}').code`;
  return profileOn('Observation', text, {
    '': {
      constraint: [
        invariant(
          'tcm-pulse-1',
          'A pulse is not slow and rapid (or racing) at once.',
          `(${pulses}.where($this = 'slow').exists() and ${pulses}.where($this = 'rapid' or $this = 'racing').exists()).not()`,
        ),
      ],
    },
    ...common('tcm-examination', 'palpation'),
    component: { min: 1, max: '42' },
    'component.extension:depth': extensionSlice('depth', EXTENSION.pulseDepth, { max: '1' }),
    'component.code': boundTo('tcm-pulse-position'),
    'component.value[x]': { min: 1, type: [{ code: 'CodeableConcept' }], ...boundTo('tcm-pulse') },
  });
}

function outcome() {
  const text = {
    id: 'tcm-outcome',
    title: 'Outcome by visit 療效',
    description: 'How a problem has changed since the last visit.',
  };
  return profileOn('Observation', text, {
    ...common('tcm-observation', 'outcome'),
    focus: {
      min: 1,
      max: '1',
      type: [{ code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Condition'] }],
    },
    encounter: { min: 1 },
    'value[x]': { min: 1, type: [{ code: 'CodeableConcept' }], ...boundTo('tcm-outcome') },
  });
}

/** The Observation profiles: the four examinations, and the outcome by visit. */
export function tcmObservationProfiles() {
  return [inspection(), listeningSmelling(), inquiry(), palpation(), outcome()];
}
