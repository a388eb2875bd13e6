import type { Resource } from '@meridian/fhir';
import { FORMULA_SYSTEM, FORMULAS, type HerbRole } from '../formula.ts';
import { type Handling, HERBS } from '../herb.ts';
import { HERB_SYSTEM, type HerbId } from '../herb-id.ts';
import { codingOf, conceptOf } from '../profile/code-systems.ts';
import { codeSystemUrl, EXTENSION, PROFILE } from '../profile/url.ts';
import type { DISPENSED_FORMS } from '../terms/therapy.ts';
import { type Extension, quantity, type Reference, type VisitContext } from './context.ts';
import { codeIn, extensionsOf, finite, isObject, objectsOf, textOf, valueIn } from './json.ts';

export type DispensedForm = (typeof DISPENSED_FORMS)[number]['code'];

/** One herb of a prescription: the dose in one pack. `herb` is absent for one that only has a name. */
export interface PrescribedHerb {
  herb?: HerbId;
  /** The name as written; the table's name in 繁體中文 where left out. */
  name?: string;
  dose: { value: number; unit: 'g' | 'piece' };
  role?: HerbRole;
  handling?: Handling[];
  /** Granules: grams of raw herb in one gram. */
  granuleEquivalence?: number;
}

/** How one pack is decocted and drunk: water and what is left in mL, minutes a decoction, number of decoctions. */
export interface Decoction {
  water?: number;
  minutes?: number;
  times?: number;
  volume?: number;
}

/** A formula as it is prescribed. */
export interface Prescription {
  /** Id of the classical formula that it follows. */
  formula?: string;
  name: string;
  form: DispensedForm;
  herbs: PrescribedHerb[];
  packs: number;
  /** Packs a day; 1 unless said. */
  packsPerDay: number;
  decoction?: Decoction;
  instruction?: string;
}

const MEDICATION = 'formula';
const PACK = '{pack}';

/** A MedicationRequest of our profile with the formula contained. Throws a RangeError for codes outside the tables. */
export function prescriptionResource(
  given: Prescription,
  context: VisitContext,
  reasons: readonly Reference[] = [],
): Resource {
  const { patient, encounter, practitioner, at, newId } = context;
  return {
    ...{ resourceType: 'MedicationRequest', id: newId(), meta: { profile: [PROFILE.prescription] } },
    contained: [formulaResource(given)],
    ...{ status: 'active', intent: 'order' },
    medicationReference: { reference: `#${MEDICATION}`, display: given.name },
    ...{ subject: patient, encounter, authoredOn: at, requester: practitioner },
    ...(reasons.length === 0 ? {} : { reasonReference: [...reasons] }),
    dosageInstruction: [dosage(given)],
    dispenseRequest: {
      quantity: quantity(given.packs, PACK, 'pack'),
      expectedSupplyDuration: quantity(Math.ceil(given.packs / given.packsPerDay), 'd', 'day'),
    },
  };
}

function formulaResource({ formula, name, form, herbs }: Prescription): Resource {
  const classical = formula === undefined ? undefined : FORMULAS.get(formula);
  if (formula !== undefined && !classical) throw new RangeError('Use the id of a formula of the table, or none.');
  const coding = classical && [{ system: FORMULA_SYSTEM, code: classical.id, display: classical.en }];
  return {
    ...{ resourceType: 'Medication', id: MEDICATION, meta: { profile: [PROFILE.formula] } },
    code: { ...(coding ? { coding } : {}), text: name },
    form: conceptOf('tcm-form', form),
    ingredient: herbs.map(ingredient),
  };
}

function ingredient({ herb, name, dose, role, handling = [], granuleEquivalence }: PrescribedHerb) {
  const known = herb === undefined ? undefined : HERBS.get(herb);
  const text = name ?? known?.zhHant;
  if (text === undefined) throw new RangeError('Give the herb an id of the table or a name.');
  const extension: Extension[] = [
    ...(role === undefined ? [] : [{ url: EXTENSION.herbRole, valueCoding: codingOf('tcm-herb-role', role) }]),
    ...handling.map((way) => ({ url: EXTENSION.handling, valueCoding: codingOf('tcm-handling', way) })),
    ...(granuleEquivalence === undefined
      ? []
      : [{ url: EXTENSION.granuleEquivalence, valueDecimal: granuleEquivalence }]),
  ];
  const numerator = dose.unit === 'g' ? quantity(dose.value, 'g') : quantity(dose.value, '{piece}', 'piece');
  const coding =
    herb === undefined ? {} : { coding: [{ system: HERB_SYSTEM, code: herb, display: known?.en ?? text }] };
  return {
    ...(extension.length === 0 ? {} : { extension }),
    itemCodeableConcept: { ...coding, text },
    strength: { numerator, denominator: quantity(1, PACK, 'pack') },
  };
}

function dosage({ packsPerDay, decoction, instruction }: Prescription) {
  const part = (url: string, name: string, value: unknown) => (value === undefined ? [] : [{ url, [name]: value }]);
  const parts = decoction && [
    ...part('water', 'valueQuantity', decoction.water && quantity(decoction.water, 'mL')),
    ...part('minutes', 'valuePositiveInt', decoction.minutes),
    ...part('times', 'valuePositiveInt', decoction.times),
    ...part('volume', 'valueQuantity', decoction.volume && quantity(decoction.volume, 'mL')),
  ];
  return {
    ...(parts?.length ? { extension: [{ url: EXTENSION.decoction, extension: parts }] } : {}),
    ...(instruction === undefined ? {} : { patientInstruction: instruction }),
    timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
    doseAndRate: [{ doseQuantity: quantity(packsPerDay, PACK, 'pack') }],
  };
}

/** Reads a formula back from a MedicationRequest; undefined when the request contains none. */
export function readFormula(request: Resource): Prescription | undefined {
  if (request.resourceType !== 'MedicationRequest' && request.resourceType !== 'MedicationStatement') return undefined;
  const medication = objectsOf(request.contained).find(isFormula);
  if (!medication) return undefined;
  const [instructions] = objectsOf(request.dosageInstruction ?? request.dosage);
  const dispense = isObject(request.dispenseRequest) ? request.dispenseRequest : {};
  const formula = codeIn(medication.code, FORMULA_SYSTEM);
  const form = codeIn(medication.form, codeSystemUrl('tcm-form')) as DispensedForm | undefined;
  const decoction = readDecoction(extensionsOf(instructions, EXTENSION.decoction)[0]);
  const instruction = textOf(instructions?.patientInstruction);
  const [dose] = objectsOf(instructions?.doseAndRate);
  return {
    ...(formula === undefined ? {} : { formula }),
    name: (isObject(medication.code) && textOf(medication.code.text)) || formula || '',
    form: form ?? 'raw',
    herbs: objectsOf(medication.ingredient).flatMap(readIngredient),
    packs: valueIn(dispense.quantity, PACK) ?? 1,
    packsPerDay: valueIn(dose?.doseQuantity, PACK) ?? 1,
    ...(decoction === undefined ? {} : { decoction }),
    ...(instruction === undefined ? {} : { instruction }),
  };
}

type Json = Record<string, unknown>;

function isFormula(contained: Json): boolean {
  if (contained.resourceType !== 'Medication') return false;
  return (
    codeIn(contained.form, codeSystemUrl('tcm-form')) !== undefined ||
    objectsOf(contained.ingredient).some(
      ({ itemCodeableConcept }) => codeIn(itemCodeableConcept, HERB_SYSTEM) !== undefined,
    )
  );
}

function readIngredient(ingredient: Json): PrescribedHerb[] {
  const { itemCodeableConcept: item, strength } = ingredient;
  const numerator = isObject(strength) ? strength.numerator : undefined;
  const [grams, pieces] = [valueIn(numerator, 'g'), valueIn(numerator, '{piece}')];
  const value = grams ?? pieces;
  if (value === undefined || !isObject(item)) return [];
  const herb = codeIn(item, HERB_SYSTEM);
  const name = textOf(item.text);
  const role = codeIn(extensionsOf(ingredient, EXTENSION.herbRole)[0]?.valueCoding, codeSystemUrl('tcm-herb-role'));
  const handling = extensionsOf(ingredient, EXTENSION.handling).flatMap(
    ({ valueCoding }) => codeIn(valueCoding, codeSystemUrl('tcm-handling')) ?? [],
  );
  const equivalence = finite(extensionsOf(ingredient, EXTENSION.granuleEquivalence)[0]?.valueDecimal);
  return [
    {
      ...(herb === undefined ? {} : { herb }),
      ...(name === undefined ? {} : { name }),
      dose: { value, unit: grams === undefined ? 'piece' : 'g' },
      ...(role === undefined ? {} : { role: role as HerbRole }),
      ...(handling.length === 0 ? {} : { handling: handling as Handling[] }),
      ...(equivalence === undefined ? {} : { granuleEquivalence: equivalence }),
    },
  ];
}

function readDecoction(extension: Json | undefined): Decoction | undefined {
  if (!extension) return undefined;
  const part = (url: string) => extensionsOf(extension, url)[0];
  const water = valueIn(part('water')?.valueQuantity, 'mL');
  const minutes = finite(part('minutes')?.valuePositiveInt);
  const times = finite(part('times')?.valuePositiveInt);
  const volume = valueIn(part('volume')?.valueQuantity, 'mL');
  return {
    ...(water === undefined ? {} : { water }),
    ...(minutes === undefined ? {} : { minutes }),
    ...(times === undefined ? {} : { times }),
    ...(volume === undefined ? {} : { volume }),
  };
}

/** Grams of raw herb of a prescribed herb in one pack; undefined for pieces. */
export function rawGrams({ dose, granuleEquivalence = 1 }: PrescribedHerb): number | undefined {
  return dose.unit === 'g' ? dose.value * granuleEquivalence : undefined;
}

/** The herbs of a classical formula as a prescription would list them: modern doses, roles, usual handling. */
export function herbsOfFormula(id: string): PrescribedHerb[] {
  return (FORMULAS.get(id)?.herbs ?? []).map(({ herb, role, modern }) => {
    const known = HERBS.get(herb);
    const handling = known?.use?.filter((way) => way !== 'pill-or-powder-only') ?? [];
    return {
      herb,
      ...(known ? { name: known.zhHant } : {}),
      ...{ dose: modern, role },
      ...(handling.length === 0 ? {} : { handling }),
    };
  });
}
