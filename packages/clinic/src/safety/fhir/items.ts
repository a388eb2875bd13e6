import { EXTENSION } from '../../tcm/profile/url.ts';
import type { DailyDose, Ingredient, Item, Preparation } from '../input.ts';
import { concept, day, hasCode, type Json, number, object, objects, resolve, text } from './read.ts';

/** SNOMED CT routes that reach little beyond their place: topical, respiratory, nasal, eye, ear. */
const LOCAL_ROUTES = new Set(['6064005', '447694001', '46713006', '54485002', '10547007']);

/** UCUM annotation for a pack of a formula. */
const PACK = '{pack}';
const TAKEN_STATEMENT = new Set(['active', 'intended', 'completed']);
const DAYS_IN: Readonly<Record<string, number>> = { h: 1 / 24, d: 1, wk: 7, mo: 30, a: 365 };

/**
 * The items of MedicationRequests and MedicationStatements. An active or draft order is open-ended (its validity is about
 * dispensing), but for packs of a formula, which end with their supply; a completed or stopped one counts until the end of its validity, and not at all if it has none. A statement based on an order
 * that is given is that order; a later order of the very same product on the day of the check replaces an earlier one.
 */
export function itemsOf(resources: readonly Json[], all: ReadonlyMap<string, Json>, on: string): Item[] {
  const orders = resources.filter((one) => one.resourceType === 'MedicationRequest').flatMap((one) => order(one, all));
  const statements = resources
    .filter((one) => one.resourceType === 'MedicationStatement' && !restsOnKnown(one, all))
    .flatMap((one) => statement(one, all));
  return withoutReplaced([...orders, ...statements], on);
}

function order(resource: Json, all: ReadonlyMap<string, Json>): Item[] {
  const { status } = resource;
  if (resource.doNotPerform === true || resource.intent === 'proposal' || resource.intent === 'option') return [];
  const open = status === 'active' || status === 'draft' || status === 'on-hold';
  if (!open && status !== 'completed' && status !== 'stopped') return [];
  const validity = object(object(resource.dispenseRequest)?.validityPeriod);
  const start = day(validity?.start) ?? day(resource.authoredOn);
  const end = open ? lastPack(resource, start) : day(validity?.end);
  if (!open && end === undefined) return [];
  return [item(resource, all, objects(resource.dosageInstruction), start, end)];
}

/** The last day of a formula that is dispensed in packs. */
function lastPack(resource: Json, start: string | undefined): string | undefined {
  const dispense = object(resource.dispenseRequest);
  const days = object(dispense?.expectedSupplyDuration);
  const length = number(days?.value);
  if (object(dispense?.quantity)?.code !== PACK || days?.code !== 'd' || length === undefined || start === undefined) {
    return undefined;
  }
  if (length < 1 || length > 3650) return undefined;
  return new Date(Date.parse(`${start}T00:00:00Z`) + (length - 1) * 86_400_000).toISOString().slice(0, 10);
}

function statement(resource: Json, all: ReadonlyMap<string, Json>): Item[] {
  if (!TAKEN_STATEMENT.has(text(resource.status) ?? '')) return [];
  const period = object(resource.effectivePeriod);
  const start = day(period?.start) ?? day(resource.effectiveDateTime);
  const end = day(period?.end);
  if (resource.status === 'completed' && end === undefined) return [];
  return [item(resource, all, objects(resource.dosage), start, end)];
}

function restsOnKnown(resource: Json, all: ReadonlyMap<string, Json>): boolean {
  return objects(resource.basedOn).some((one) => all.has(text(one.reference) ?? ''));
}

function item(
  resource: Json,
  all: ReadonlyMap<string, Json>,
  dosages: readonly Json[],
  start: string | undefined,
  end: string | undefined,
): Item {
  const medication = resolve(resource.medicationReference, resource, all);
  const named = concept(resource.medicationCodeableConcept ?? medication?.code);
  const perDay = dailyDose(dosages);
  const packs = perDay?.unit === PACK ? perDay.value : 1;
  const ingredients = objects(medication?.ingredient).map((row) => ingredient(row, packs));
  const preparation = preparationOf(medication, named.name);
  const local = dosages.length > 0 && dosages.every((one) => hasCode(one.route, LOCAL_ROUTES));
  return {
    id: `${String(resource.resourceType)}/${text(resource.id) ?? ''}`,
    ...named,
    ...(ingredients.length === 0 ? {} : { ingredients }),
    ...(perDay === undefined ? {} : { perDay }),
    ...(preparation === undefined ? {} : { preparation }),
    ...(local ? { route: 'local' as const } : {}),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  };
}

/** An ingredient's strength is its amount in one pack; of granules it is turned into that of raw herb. */
function ingredient(row: Json, packs: number): Ingredient {
  const amount = object(object(row.strength)?.numerator);
  const value = number(amount?.value);
  const unit = text(amount?.code) ?? text(amount?.unit);
  const equivalence = objects(row.extension).find((one) => one.url === EXTENSION.granuleEquivalence)?.valueDecimal;
  const raw = (value ?? 0) * packs * (number(equivalence) ?? 1);
  return {
    ...concept(row.itemCodeableConcept),
    ...(value === undefined || unit === undefined ? {} : { perDay: { value: raw, unit } }),
  };
}

function dailyDose(dosages: readonly Json[]): DailyDose | undefined {
  let total: DailyDose | undefined;
  for (const dosage of dosages) {
    const quantity = object(objects(dosage.doseAndRate)[0]?.doseQuantity);
    const repeat = object(object(dosage.timing)?.repeat);
    const value = number(quantity?.value);
    const unit = text(quantity?.code) ?? text(quantity?.unit);
    const days = (number(repeat?.period) ?? 1) * (DAYS_IN[text(repeat?.periodUnit) ?? ''] ?? Number.NaN);
    if (value === undefined || unit === undefined || !(days > 0)) continue;
    const daily = (value * (number(repeat?.frequency) ?? 1)) / days;
    if (total !== undefined && total.unit !== unit) return undefined;
    total = { value: (total?.value ?? 0) + daily, unit };
  }
  return total;
}

function preparationOf(medication: Json | undefined, name: string | undefined): Preparation | undefined {
  const words = `${concept(medication?.form).name ?? ''} ${name ?? ''}`.toLowerCase();
  if (hasCode(medication?.form, new Set(['raw']))) return 'decoction';
  if (/granul|顆粒|颗粒/.test(words)) return 'granules';
  if (/decoct|湯劑|汤剂|煎/.test(words)) return 'decoction';
  if (/pill|powder|capsule|丸|散|膠囊|胶囊/.test(words)) return 'pill-or-powder';
  return undefined;
}

function withoutReplaced(items: readonly Item[], on: string): Item[] {
  const latest = new Map<string, Item>();
  const others: Item[] = [];
  for (const one of items) {
    const product = (one.codes ?? []).map(({ system, code }) => `${system}|${code}`).join(' ');
    if (product === '' || one.ingredients !== undefined || (one.start ?? '') > on) others.push(one);
    else if (isLater(one, latest.get(product))) latest.set(product, one);
  }
  return [...latest.values(), ...others];
}

/** Open-ended before ended, then the later start, then the id, so that the order of the resources changes nothing. */
function isLater(a: Item, b: Item | undefined): boolean {
  if (b === undefined) return true;
  const rank = (one: Item): string => `${one.end ?? '9999-12-31'} ${one.start ?? ''} ${one.id}`;
  return rank(a) > rank(b);
}
