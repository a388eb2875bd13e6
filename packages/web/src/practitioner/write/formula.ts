import type { Extension, Medication, MedicationRequest } from 'fhir/r4';
import type { FormulaTerm, HerbTerm } from '../terms/catalogue.ts';
import { conceptOf } from '../terms/term.ts';
import type { TermValue } from '../terms/term-field.tsx';
import { quantity, type WritingContext } from './writing-context.ts';

/** 君, 臣, 佐, 使. */
export const ROLES = ['sovereign', 'minister', 'assistant', 'envoy'] as const;
export type HerbRole = (typeof ROLES)[number];

/** How a formula is dispensed (packages/clinic, tcm-form). */
export const DISPENSED = ['raw', 'granules', 'pill', 'powder'] as const;
export type Dispensed = (typeof DISPENSED)[number];

/** One line of a formula: the dose in one pack. */
export interface HerbLine {
  /** For the page only. */
  key: string;
  herb: TermValue<HerbTerm>;
  dose: number | undefined;
  unit: 'g' | 'piece';
  role: HerbRole | '';
}

/** A formula as it is typed. */
export interface FormulaTyped {
  formula: TermValue<FormulaTerm>;
  herbs: readonly HerbLine[];
  form: Dispensed;
  packs: number | undefined;
  packsPerDay: number;
  instruction: string;
}

const ROOT = 'https://meridian.example/fhir';
const profile = (id: string): string => `${ROOT}/StructureDefinition/${id}`;
const coding = (system: string, code: string) => ({ system: `${ROOT}/CodeSystem/${system}`, code });
const DAY_MS = 86_400_000;

/**
 * The MedicationRequest of a formula, as our profile `tcm-formula-prescription` has it (packages/clinic); undefined while
 * a herb lacks its dose, or there is no herb.
 */
export function formulaOrder(context: WritingContext, typed: FormulaTyped): MedicationRequest | undefined {
  const { patient, practitioner, at } = context;
  const { formula, form, packs, packsPerDay, instruction } = typed;
  const herbs = typed.herbs.filter(({ herb }) => herb.typed.trim() !== '');
  if (herbs.length === 0 || packs === undefined || herbs.some(({ dose }) => dose === undefined)) return undefined;
  const name = formula.typed.trim() === '' ? '自擬方' : undefined;
  const concept = name === undefined ? conceptOf(formula.term, formula.typed) : { text: name };
  const medication: Medication = {
    resourceType: 'Medication',
    id: 'formula',
    meta: { profile: [profile('tcm-formula')] },
    code: concept,
    form: { coding: [coding('tcm-form', form)] },
    ingredient: herbs.map(ingredientOf),
  };
  const days = Math.ceil(packs / packsPerDay);
  const end = new Date(Date.parse(at) + days * DAY_MS).toISOString().slice(0, 10);
  return {
    resourceType: 'MedicationRequest',
    meta: { profile: [profile('tcm-formula-prescription')] },
    contained: [medication],
    status: 'active',
    intent: 'order',
    medicationReference: { reference: '#formula', display: concept.text ?? '' },
    subject: patient,
    authoredOn: at,
    requester: practitioner,
    dosageInstruction: [
      {
        ...(instruction.trim() !== '' && { patientInstruction: instruction.trim() }),
        timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
        doseAndRate: [{ doseQuantity: quantity(packsPerDay, '{pack}', 'pack') }],
      },
    ],
    dispenseRequest: {
      validityPeriod: { start: at.slice(0, 10), end },
      quantity: quantity(packs, '{pack}', 'pack'),
      expectedSupplyDuration: quantity(days, 'd', 'day'),
    },
  };
}

function ingredientOf({ herb, dose = 0, unit, role }: HerbLine) {
  const extension: Extension[] =
    role === '' ? [] : [{ url: profile('tcm-herb-role'), valueCoding: coding('tcm-herb-role', role) }];
  const { names } = herb.term ?? {};
  return {
    ...(extension.length > 0 && { extension }),
    itemCodeableConcept: {
      ...(herb.term?.coding && { coding: [herb.term.coding] }),
      text: names?.['zh-Hant'] ?? herb.typed.trim(),
    },
    strength: {
      numerator: unit === 'g' ? quantity(dose, 'g') : quantity(dose, '{piece}', 'piece'),
      denominator: quantity(1, '{pack}', 'pack'),
    },
  };
}

/** Grams of herbs in one pack. */
export function gramsOf(herbs: readonly HerbLine[]): number {
  const grams = herbs.flatMap(({ dose, unit }) => (unit === 'g' && dose !== undefined ? [dose] : []));
  return Math.round(grams.reduce((sum, one) => sum + one, 0) * 100) / 100;
}
