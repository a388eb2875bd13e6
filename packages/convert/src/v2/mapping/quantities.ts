import { parseJson } from '@meridian/fhir';
import type { Cell } from './cell.ts';
import type { Source } from './source.ts';

export interface Quantity {
  value?: number;
  comparator?: string;
  unit?: string;
  system?: string;
  code?: string;
}

const UCUM = 'http://unitsofmeasure.org';
/** Common units that are UCUM as they are and mean nothing else; others need CWE-3 to say so. */
const SAFE_UNITS: ReadonlySet<string> = new Set(
  (
    '% /min mg/dL g/dL g/L mg/L ug/L ng/mL pg/mL mmol/L umol/L nmol/L pmol/L mol/L mmol/mol U/L mU/L kU/L mL L dL fL pg ng ' +
    'ug mg g kg cm mm m mm[Hg] kPa Cel [degF] 10*9/L 10*12/L 10*3/uL 10*6/uL mL/min mL/min/{1.73_m2} kg/m2 s min h d wk mo a'
  ).split(' '),
);

const NUMBER = /^[+-]?(?:\d{1,18}(?:\.\d{0,17})?|\.\d{1,17})$/;

/**
 * An NM as a FHIR decimal in an object of its own, so that its precision is kept when the object is written (1.50 is not
 * 1.5); undefined for what is no number.
 */
export function decimal(sent: string): Quantity | undefined {
  const text = sent.trim();
  if (!NUMBER.test(text)) return undefined;
  const [, sign = '', whole = '', fraction = ''] = /^([+-]?)(\d*)\.?(\d*)$/.exec(text) ?? [];
  const digits = `${sign === '-' ? '-' : ''}${whole.replace(/^0+(?=\d)/, '') || '0'}${fraction === '' ? '' : `.${fraction}`}`;
  const value = Number(digits);
  if (String(value) === digits) return { value };
  return parseJson(`{"value":${digits}}`, { depth: 2 }) as Quantity;
}

/** OBX-6 and the like (CWE or CE) as unit, system and code. UCUM where it is said or beyond doubt. */
export function unitsOf(cell: Cell | undefined, source: Source): Pick<Quantity, 'unit' | 'system' | 'code'> {
  const code = (cell?.text(1) ?? '').replaceAll(/\s+/g, ' ');
  const words = cell?.text(2) ?? '';
  if (code === '' && words === '') return {};
  const system = cell?.text(3).toUpperCase() ?? '';
  const unit = words || code;
  if (code === '') return { unit };
  if (system === 'UCUM' || (system === '' && SAFE_UNITS.has(code))) return { unit, system: UCUM, code };
  const known = source.systems[system];
  return known === undefined ? { unit } : { unit, system: known, code };
}

/** Puts a unit to a number. The object stays the same, for it knows how its number was written. */
export function withUnits(quantity: Quantity, units: Pick<Quantity, 'unit' | 'system' | 'code'>): Quantity {
  return Object.assign(quantity, units);
}

/** CQ (number, units as subcomponents) → Quantity. */
export function quantityWithUnit(cell: Cell, source: Source): Quantity | undefined {
  const quantity = decimal(cell.peek(1));
  if (!quantity) return undefined;
  cell.take(1);
  return withUnits(quantity, unitsOf(cell.within(2), source));
}

/** A comparator and a number in one text, as laboratories write `<0.5` into ST or NM. */
export function comparedNumber(sent: string): Quantity | undefined {
  const [, sign = '', number = ''] = /^(<=|>=|<|>|=)?\s*([+-]?[\d.]+)$/.exec(sent.trim()) ?? [];
  const quantity = decimal(number);
  if (!quantity) return undefined;
  return sign === '' || sign === '=' ? quantity : Object.assign(quantity, { comparator: sign });
}
