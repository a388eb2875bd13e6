import { hasErrors, type Resource, validate } from '@meridian/fhir';
import { describe, expect, test } from 'vitest';
import { prescriptionResource } from '../tcm/visit/formula-prescription.ts';
import { toCards } from './cards.ts';
import { checkSafety } from './check-safety.ts';
import { toDetectedIssue } from './detected-issue.ts';
import { fromFhir } from './from-fhir.ts';

const ON = '2026-01-31';
const ATC = 'http://www.whocc.no/atc';
const ICD10 = 'http://hl7.org/fhir/sid/icd-10';
const SNOMED = 'http://snomed.info/sct';

const patient: Resource = { resourceType: 'Patient', id: 'p', gender: 'female', birthDate: '1950-02-28' };

function order(id: string, medication: object, more: object = {}): Resource {
  return {
    resourceType: 'MedicationRequest',
    id,
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/p' },
    authoredOn: '2026-01-10T10:00:00+08:00',
    ...medication,
    ...more,
  };
}

const drug = (code: string, text: string): object => ({
  medicationCodeableConcept: { coding: [{ system: ATC, code }], text },
});

const warfarin = order('w', drug('B01AA03', 'Warfarin 3 mg tablet 華法林'));

/** A formula with its herbs, as a contained Medication. */
const formula = order('f', {
  contained: [
    {
      resourceType: 'Medication',
      id: 'm',
      code: { text: '自擬方' },
      form: { text: '湯劑' },
      ingredient: ['丹參', '甘草', '朱砂'].map((text, at) => ({
        itemCodeableConcept: { text },
        strength: { numerator: { value: [15, 12, 0.3][at], unit: 'g' }, denominator: { value: 1 } },
      })),
    },
  ],
  medicationReference: { reference: '#m' },
});

function observation(loinc: string, value: number, unit: string, when: string): Resource {
  return {
    resourceType: 'Observation',
    id: `o${loinc}${when}`,
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: loinc }] },
    effectiveDateTime: when,
    valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
  };
}

const condition = (system: string, code: string, more: object = {}): Resource => ({
  resourceType: 'Condition',
  id: `c${code}`,
  code: { coding: [{ system, code }] },
  ...more,
});

describe('what is read', () => {
  test('a formula in a contained Medication, with amounts and preparation', () => {
    const { items } = fromFhir([formula], ON);
    expect(items).toMatchObject([
      {
        id: 'MedicationRequest/f',
        preparation: 'decoction',
        ingredients: [{ name: '丹參', perDay: { value: 15, unit: 'g' } }, { name: '甘草' }, { name: '朱砂' }],
      },
    ]);
  });

  test('a formula of our profile: packs a day, granules as raw herb, until the last pack', () => {
    const context = {
      patient: { reference: 'Patient/p' },
      encounter: { reference: 'Encounter/e' },
      practitioner: { reference: 'Practitioner/d' },
      at: '2026-01-25T10:00:00+08:00',
      newId: () => 'rx',
    };
    const prescription = prescriptionResource(
      {
        name: '四逆湯',
        form: 'granules',
        herbs: [{ herb: 'fuzi-zhi', dose: { value: 2, unit: 'g' }, granuleEquivalence: 5 }],
        packs: 14,
        packsPerDay: 2,
      },
      context,
    );
    const input = fromFhir([prescription], ON);
    expect(input.items).toMatchObject([
      {
        start: '2026-01-25',
        end: '2026-01-31',
        preparation: 'granules',
        ingredients: [{ perDay: { value: 20, unit: 'g' } }],
      },
    ]);
    expect(checkSafety(input).map((one) => one.key)).toEqual(['dose|herb:fuzi']);
    expect(checkSafety(fromFhir([prescription], '2026-02-01'))).toEqual([]);
  });

  test('daily doses from the dosage', () => {
    const dosageInstruction = [
      {
        timing: { repeat: { frequency: 2, period: 1, periodUnit: 'd' } },
        doseAndRate: [{ doseQuantity: { value: 500, unit: 'mg', code: 'mg' } }],
      },
    ];
    const { items } = fromFhir([order('m', drug('A10BA02', 'metformin'), { dosageInstruction })], ON);
    expect(items[0]?.perDay).toEqual({ value: 1000, unit: 'mg' });
  });

  test('a statement that rests on a known order is that order; a renewal replaces the order before it', () => {
    const statement: Resource = {
      resourceType: 'MedicationStatement',
      id: 's',
      status: 'active',
      basedOn: [{ reference: 'MedicationRequest/w' }],
      medicationCodeableConcept: { text: 'Warfarin' },
    };
    const before = order('w0', drug('B01AA03', 'Warfarin'), {
      status: 'completed',
      dispenseRequest: { validityPeriod: { start: '2025-02-01', end: '2026-02-01' } },
    });
    expect(fromFhir([before, warfarin, statement], ON).items.map((one) => one.id)).toEqual(['MedicationRequest/w']);
  });

  test('orders that were not carried out are left out', () => {
    const odd = [
      order('a', drug('B01AA03', 'Warfarin'), { status: 'entered-in-error' }),
      order('b', drug('C01AA05', 'Digoxin'), { intent: 'proposal' }),
      order('c', drug('C03CA01', 'Furosemide'), { doNotPerform: true }),
      order('d', drug('J01CA04', 'Amoxicillin'), { status: 'completed' }),
    ];
    expect(fromFhir(odd, ON).items).toEqual([]);
  });

  test('the patient as on the day: age, problems by ICD-10 and SNOMED CT, fresh results in expected units', () => {
    const { patient: facts } = fromFhir(
      [
        patient,
        condition(ICD10, 'J45.9'),
        condition(SNOMED, '38341003'),
        condition(ICD10, 'N18.4', { abatementDateTime: '2020-01-01' }),
        condition(ICD10, 'K25.9', { verificationStatus: { coding: [{ code: 'refuted' }] } }),
        observation('62238-1', 25, 'mL/min/{1.73_m2}', '2025-12-01'),
        observation('62238-1', 60, 'mL/min/{1.73_m2}', '2023-12-01'),
        observation('2823-3', 3.1, 'mmol/L', '2025-06-01'),
        observation('1742-6', 2, 'ukat/L', '2026-01-20'),
      ],
      ON,
    );
    expect(facts).toEqual({
      age: 75,
      sex: 'female',
      pregnant: false,
      breastfeeding: false,
      allergies: [],
      problems: ['asthma', 'hypertension'],
      results: { egfr: 25 },
    });
  });

  test('pregnancy with weeks counted on from the last visit', () => {
    const pregnant = condition(SNOMED, '72892002', { onsetDateTime: '2025-10-01' });
    const { patient: facts } = fromFhir([patient, pregnant, observation('11884-4', 16, 'wk', '2026-01-17')], ON);
    expect(facts).toMatchObject({ pregnant: true, gestationWeeks: 18 });
    expect(fromFhir([{ ...patient, gender: 'male' }, pregnant], ON).patient.pregnant).toBe(false);
  });

  test('words without a code count unless they deny', () => {
    const said = (text: string) => fromFhir([{ resourceType: 'Condition', code: { text } }], ON).patient.problems;
    expect(said('支氣管哮喘')).toEqual(['asthma']);
    expect(said('No asthma')).toEqual([]);
    expect(said('否認哮喘')).toEqual([]);
  });

  test('malformed resources are read as empty', () => {
    const odd = [
      {
        resourceType: 'MedicationRequest',
        status: 'active',
        intent: 'order',
        dosageInstruction: 7,
        medicationReference: [],
      },
      { resourceType: 'Observation', status: 'final', code: null, valueQuantity: 'x' },
      { resourceType: 'Condition', code: { coding: [null, 3] } },
      { resourceType: 'AllergyIntolerance', code: {}, reaction: {} },
    ] as unknown as Resource[];
    expect(checkSafety(fromFhir(odd, ON))).toMatchObject([{ kind: 'unrecognised' }]);
  });
});

describe('from the record to the pen', () => {
  const allergy: Resource = {
    resourceType: 'AllergyIntolerance',
    id: 'al',
    clinicalStatus: { coding: [{ code: 'active' }] },
    code: { coding: [{ system: SNOMED, code: '91936005' }], text: 'Allergy to penicillin 青黴素過敏' },
  };
  const augmentin = order('a', drug('J01CR02', 'Co-amoxiclav 1 g'));
  const kidney = observation('62238-1', 25, 'mL/min/{1.73_m2}', '2025-12-01');
  const resources = [patient, warfarin, formula, allergy, augmentin, kidney];
  const findings = checkSafety(fromFhir(resources, ON));

  test('danshen in a formula against warfarin, cinnabar against the kidneys, the allergy', () => {
    expect(findings.map((one) => one.rule)).toEqual(
      expect.arrayContaining(['danshen-warfarin', 'renal-cinnabar', 'allergy', 'renal-liquorice']),
    );
  });

  test('every finding is a valid DetectedIssue', () => {
    for (const finding of findings) {
      const overridden = { key: finding.key, reason: 'INR weekly', at: '2026-01-31T09:00:00+08:00' };
      for (const one of [finding, { ...finding, overridden }]) {
        const issue = toDetectedIssue(one, {
          patient: 'Patient/p',
          identified: '2026-01-31T10:00:00+08:00',
          script: 'zhHant',
        });
        expect(validate(issue).filter((found) => hasErrors([found]))).toEqual([]);
      }
    }
    const issue = toDetectedIssue(findings.find((one) => one.rule === 'danshen-warfarin') ?? findings[0]!, {
      patient: 'Patient/p',
      identified: '2026-01-31T10:00:00+08:00',
    });
    expect(issue).toMatchObject({
      severity: 'high',
      implicated: [{ reference: 'MedicationRequest/w' }, { reference: 'MedicationRequest/f' }],
    });
  });

  test('cards: one for each pair of orders, with links and reasons; only about the draft orders', () => {
    let count = 0;
    const uuid = (): string => `card-${++count}`;
    const { cards } = toCards(findings, { uuid, script: 'zhHant', orders: new Set(['MedicationRequest/f']) });
    const stop = cards.find((one) => one.summary.includes('華法林'));
    expect(stop).toMatchObject({ indicator: 'warning', links: [{ url: 'https://pubmed.ncbi.nlm.nih.gov/11302416/' }] });
    expect(stop?.overrideReasons?.length).toBeGreaterThan(2);
    expect(cards.every((one) => [...one.summary].length <= 140)).toBe(true);
    expect(cards.some((one) => one.detail.includes('青黴素') || one.detail.includes('阿莫西林'))).toBe(false);
  });

  test('what was overridden is one line in one card', () => {
    const overrides = findings.map((one) => ({ key: one.key, reason: 'seen', at: '2026-01-01T00:00:00Z' }));
    const again = checkSafety(fromFhir(resources, ON), { overrides });
    const { cards } = toCards(again, { uuid: () => 'x' });
    expect(cards).toHaveLength(1);
    expect(cards[0]).toMatchObject({ indicator: 'info' });
    expect(cards[0]?.detail.split('\n')).toHaveLength(again.length);
  });
});
