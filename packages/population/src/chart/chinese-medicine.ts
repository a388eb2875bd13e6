import type { Resource } from '@meridian/fhir';
import { FORMULAS, type Formula, type FormulaKey } from '../catalogue/formulas.ts';
import type { Complaint, Pattern } from '../catalogue/patterns.ts';
import { hl7, quantity, type Reference } from '../concept.ts';
import { isoDate } from '../day.ts';
import { organizationOf } from '../institutions/organizations.ts';
import type { Visit } from './visit.ts';

/** The root of the Chinese-medicine profiles, extensions and code systems. */
const ROOT = 'https://meridian.example/fhir';
const profile = (id: string) => ({ profile: [`${ROOT}/StructureDefinition/${id}`] });
const extension = (id: string) => `${ROOT}/StructureDefinition/${id}`;
const coding = (system: string, code: string, display?: string) => ({
  system: `${ROOT}/CodeSystem/${system}`,
  code,
  ...(display === undefined ? {} : { display }),
});
const concept = (system: string, code: string, text: string) => ({ coding: [coding(system, code)], text });

/** Inspection, inquiry and palpation of a visit. */
export function examine(visit: Visit, pattern: Pattern, tells: string): void {
  const { tongue, coating, pulse } = pattern;
  const item = (name: string, table: string, code: string) => ({
    code: { coding: [coding('tcm-inspection-item', name)] },
    valueCodeableConcept: { coding: [coding(table, code)] },
  });
  observe(visit, 'tcm-inspection', 'inspection', '望診', [
    item('tongue-colour', 'tcm-tongue-colour', tongue),
    item('coating-colour', 'tcm-coating-colour', coating[0]),
    item('coating-quality', 'tcm-coating-quality', coating[1]),
  ]);
  observe(visit, 'tcm-inquiry', 'inquiry', '問診', [
    { code: { coding: [coding('tcm-ten-questions', 'head-body')] }, valueString: tells },
  ]);
  observe(visit, 'tcm-palpation', 'palpation', '切診', [
    {
      code: { coding: [coding('tcm-pulse-position', 'both')] },
      valueCodeableConcept: { coding: [coding('tcm-pulse', pulse)] },
    },
  ]);
}

function observe(visit: Visit, id: string, code: string, zh: string, component: object[]): void {
  visit.add('Observation', {
    ...{ meta: profile(id), status: 'final', category: [hl7('observation-category', 'exam', 'Exam')] },
    code: concept('tcm-examination', code, zh),
    ...visit.context,
    ...{ effectiveDateTime: visit.time(5), performer: [visit.clinician], component },
  });
}

/** A Condition with the Western diagnosis, the disorder and the pattern of one problem. */
export function differentiate(visit: Visit, complaint: Complaint, pattern: Pattern): Resource {
  const condition = visit.add('Condition', {
    meta: profile('tcm-condition'),
    clinicalStatus: hl7('condition-clinical', 'active'),
    verificationStatus: hl7('condition-ver-status', 'confirmed'),
    category: [hl7('condition-category', 'encounter-diagnosis')],
    code: {
      coding: [...complaint.western, complaint.disorder, pattern.code],
      text: `${complaint.zh}・${pattern.zh} ${complaint.en}`,
    },
    ...visit.context,
    ...{ onsetDateTime: isoDate(visit.day), recordedDate: isoDate(visit.day), recorder: visit.clinician },
  });
  visit.concerns({ reference: `Condition/${condition.id}` });
  return condition;
}

/** Prescribes a formula by the pack, one a day. */
export function prescribeFormula(visit: Visit, key: FormulaKey, packs: number, reason?: Reference): Resource {
  const formula: Formula = FORMULAS[key];
  const { id, en, zh, herbs } = formula;
  const pack = (count: number) => quantity(count, 'pack', '{pack}');
  return visit.add('MedicationRequest', {
    meta: profile('tcm-formula-prescription'),
    contained: [
      {
        ...{ resourceType: 'Medication', id: 'formula', meta: profile('tcm-formula') },
        code: { ...(id === undefined ? {} : { coding: [coding('chinese-formula', id, en)] }), text: zh },
        form: concept('tcm-form', 'raw', '飲片'),
        ingredient: herbs.map(([herb, name, grams, role]) => ({
          extension: [{ url: extension('tcm-herb-role'), valueCoding: coding('tcm-herb-role', role) }],
          itemCodeableConcept: concept('chinese-herb', herb, name),
          strength: { numerator: quantity(grams, 'g'), denominator: pack(1) },
        })),
      },
    ],
    ...{ status: 'completed', intent: 'order', medicationReference: { reference: '#formula', display: zh } },
    ...visit.context,
    ...{ authoredOn: visit.time(15), requester: visit.clinician },
    ...(reason === undefined ? {} : { reasonReference: [reason] }),
    dosageInstruction: [
      {
        extension: [
          {
            url: extension('tcm-decoction'),
            extension: [
              { url: 'water', valueQuantity: quantity(1000, 'mL') },
              { url: 'minutes', valuePositiveInt: 30 },
              { url: 'times', valuePositiveInt: 2 },
            ],
          },
        ],
        patientInstruction: '每日一劑，水煎，分兩次溫服。 One pack a day, decocted, in two doses.',
        timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
        doseAndRate: [{ doseQuantity: pack(1) }],
      },
    ],
    dispenseRequest: {
      validityPeriod: { start: isoDate(visit.day), end: isoDate(visit.day + packs) },
      quantity: pack(packs),
      expectedSupplyDuration: quantity(packs, 'd'),
      performer: organizationOf(visit.seed, 'tcmClinic'),
    },
  });
}

/** The plan of treatment: its principle and what was ordered. */
export function planTreatment(visit: Visit, pattern: Pattern, condition: Reference, orders: Reference[]): void {
  const [code, display, zh] = pattern.principle;
  visit.add('CarePlan', {
    ...{ meta: profile('tcm-treatment-plan'), status: 'completed', intent: 'plan' },
    ...visit.context,
    ...{ created: visit.time(18), author: visit.clinician, addresses: [condition] },
    activity: [
      {
        detail: {
          code: { coding: [coding('tcm-principle', code, display)], text: zh },
          ...{ status: 'completed', reasonReference: [condition] },
        },
      },
      ...orders.map((reference) => ({ reference })),
    ],
  });
}

/** Acupuncture of the complaint's points. */
export function needle(visit: Visit, complaint: Complaint, minutes: number, condition: Reference): void {
  visit.add('Procedure', {
    meta: profile('tcm-procedure'),
    extension: complaint.points.map(([code, pinyin, side]) => ({
      url: extension('tcm-treated-point'),
      extension: [
        { url: 'point', valueCoding: coding('acupuncture-point', code, `${code} ${pinyin}`) },
        { url: 'side', valueCoding: coding('tcm-side', side) },
        { url: 'depth', valueQuantity: quantity(visit.dice.whole(10, 30), 'mm') },
        { url: 'stimulation', valueCoding: coding('tcm-stimulation', 'even') },
        { url: 'retention', valueQuantity: quantity(minutes, 'min') },
      ],
    })),
    ...{ status: 'completed', code: concept('tcm-procedure', 'acupuncture', '針刺') },
    ...visit.context,
    ...{ performedDateTime: visit.time(10), performer: [{ actor: visit.clinician }], reasonReference: [condition] },
  });
}

/** How the problem has changed since the last visit. */
export function recordOutcome(visit: Visit, outcome: 'cured' | 'better' | 'unchanged', condition: Reference): void {
  visit.add('Observation', {
    ...{ meta: profile('tcm-outcome'), status: 'final', code: concept('tcm-observation', 'outcome', '療效') },
    ...visit.context,
    ...{ focus: [condition], effectiveDateTime: visit.time(3), performer: [visit.clinician] },
    valueCodeableConcept: { coding: [coding('tcm-outcome', outcome)] },
  });
}
