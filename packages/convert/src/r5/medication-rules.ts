import { table } from '../cda/concept-maps.ts';
import { codeableReferences, extend, fields, list, put, type Rule, single, take } from './rule.ts';

export const DOSAGE: readonly Rule[] = [
  {
    up({ from, to }) {
      const concept = take(from, 'asNeededCodeableConcept');
      put(to, 'asNeeded', take(from, 'asNeededBoolean'));
      if (concept !== undefined) put(to, 'asNeededFor', [concept]);
    },
    down(step) {
      const [first, ...others] = list(take(step.from, 'asNeededFor'));
      const flag = take(step.from, 'asNeeded');
      put(step.to, first === undefined ? 'asNeededBoolean' : 'asNeededCodeableConcept', first ?? flag);
      for (const concept of others) extend(step, '5.0', 'asNeededFor', 'CodeableConcept', concept);
    },
  },
  single('maxDosePerPeriod', 'maxDosePerPeriod', 'Ratio'),
];

export const REASON = codeableReferences('reasonCode', 'reasonReference', 'reason');

/** Status of a statement: what is known of the taking stands in R5 as adherence. */
const ADHERENCE = 'http://hl7.org/fhir/CodeSystem/medication-statement-adherence';

const ADHERENCE_OF: Readonly<Record<string, string>> = table({
  active: 'taking',
  'on-hold': 'on-hold',
  stopped: 'stopped',
  'not-taken': 'not-taking',
  unknown: 'unknown',
});

const STATUS_OF: Readonly<Record<string, string>> = table({
  ...Object.fromEntries(Object.entries(ADHERENCE_OF).map(([status, code]) => [code, status])),
  'taking-as-directed': 'active',
  'taking-not-as-directed': 'active',
  'on-hold-as-directed': 'on-hold',
  'on-hold-not-as-directed': 'on-hold',
  'stopped-as-directed': 'stopped',
  'stopped-not-as-directed': 'stopped',
  'not-taking-as-directed': 'not-taken',
  'not-taking-not-as-directed': 'not-taken',
});

export const STATEMENT_STATUS: Rule = {
  up(step) {
    const status = take(step.from, 'status');
    put(step.to, 'status', status === 'entered-in-error' ? status : 'recorded');
    const code = ADHERENCE_OF[typeof status === 'string' ? status : ''];
    if (code !== undefined) put(step.to, 'adherence', { code: { coding: [{ system: ADHERENCE, code }] } });
    else if (status !== 'entered-in-error') extend(step, '4.0', 'status', 'Code', status);
  },
  down(step) {
    const status = take(step.from, 'status');
    const adherence = fields(take(step.from, 'adherence'));
    const extensions = list(step.from.extension);
    const own = extensions.find(
      ({ url }) => url === 'http://hl7.org/fhir/4.0/StructureDefinition/extension-MedicationStatement.status',
    );
    if (own) {
      delete step.from.extension;
      put(
        step.to,
        'extension',
        extensions.filter((each) => each !== own),
      );
    }
    const code = list(fields(adherence?.code)?.coding).find(({ system }) => system === ADHERENCE)?.code;
    const known = own?.valueCode ?? STATUS_OF[typeof code === 'string' ? code : ''] ?? 'unknown';
    put(step.to, 'status', status === 'entered-in-error' ? status : known);
    if (code !== undefined && ADHERENCE_OF[typeof known === 'string' ? known : ''] !== code)
      extend(step, '5.0', 'adherence', 'CodeableConcept', adherence?.code);
    if (adherence?.reason !== undefined) extend(step, '5.0', 'adherence.reason', 'CodeableConcept', adherence.reason);
  },
};

/** Numbers of doses are strings in R5. */
export function doseNumber(name: string): Rule {
  return {
    up({ from, to }) {
      const number = take(from, `${name}PositiveInt`);
      put(to, name, number === undefined ? take(from, `${name}String`) : String(number));
    },
    down({ from, to }) {
      const text = take(from, name);
      if (typeof text !== 'string') return;
      const isNumber = /^[1-9]\d{0,8}$/.test(text);
      put(to, isNumber ? `${name}PositiveInt` : `${name}String`, isNumber ? Number(text) : text);
    },
  };
}

export const IMMUNIZATION_SOURCE: Rule = {
  up({ from, to }) {
    const concept = take(from, 'reportOrigin');
    if (concept !== undefined) put(to, 'informationSource', { concept });
  },
  down(step) {
    const source = fields(take(step.from, 'informationSource'));
    put(step.to, 'reportOrigin', source?.concept);
    if (source?.reference !== undefined) extend(step, '5.0', 'informationSource', 'Reference', source.reference);
  },
};

export const REPORTED: Rule = {
  up({ from, to }) {
    put(to, 'reported', take(from, 'reportedBoolean'));
    const source = take(from, 'reportedReference');
    if (source !== undefined) put(to, 'informationSource', [source]);
  },
  down(step) {
    const [first, ...others] = list(take(step.from, 'informationSource'));
    const flag = take(step.from, 'reported');
    put(step.to, first === undefined ? 'reportedBoolean' : 'reportedReference', first ?? flag);
    for (const source of others) extend(step, '5.0', 'informationSource', 'Reference', source);
  },
};
