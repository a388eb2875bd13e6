import { canonicalQuantity, UCUM } from '../../ucum.ts';
import type { QuantityValue } from '../index-value.ts';
import { type Converter, type ConverterOptions, type Members, members, type SimpleValue, text } from './converter.ts';

const CURRENCY = 'urn:iso:std:iso:4217';

/** Quantities, money, and both ends of ranges (R4, Search, "quantity"). */
export function quantityConverter(elementType: string, { key }: ConverterOptions): Converter {
  if (elementType === 'Money') return (element, out) => addMoney(key, members(element), out);
  if (elementType === 'Range') {
    return (element, out) => {
      addQuantity(key, members(members(element)?.low), out);
      addQuantity(key, members(members(element)?.high), out);
    };
  }
  return (element, out) => addQuantity(key, members(element), out);
}

function addQuantity(key: string, element: Members | undefined, out: SimpleValue[]): void {
  const value = element?.value;
  if (!element || typeof value !== 'number') return;
  const quantity: QuantityValue = { kind: 'quantity', key, value };
  const system = text(element.system);
  const code = text(element.code);
  const unit = text(element.unit);
  if (system !== undefined) quantity.system = system;
  if (code !== undefined) quantity.code = code;
  if (unit !== undefined) quantity.unit = unit;
  if (system === UCUM && code !== undefined) {
    const canonical = canonicalQuantity(value, code);
    if (canonical) quantity.canonical = canonical;
  }
  out.push(quantity);
}

function addMoney(key: string, element: Members | undefined, out: SimpleValue[]): void {
  const value = element?.value;
  if (typeof value !== 'number') return;
  const code = text(element?.currency);
  out.push(
    code === undefined
      ? { kind: 'quantity', key, value, system: CURRENCY }
      : { kind: 'quantity', key, value, system: CURRENCY, code },
  );
}
