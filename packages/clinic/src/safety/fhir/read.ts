import type { Allergy, ItemCode } from '../input.ts';

/** Careful readers of parsed FHIR R4 JSON: what is not of the expected form is read as absent. */
export type Json = Readonly<Record<string, unknown>>;

export function object(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function objects(value: unknown): Json[] {
  return list(value)
    .map(object)
    .filter((one) => one !== undefined);
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The calendar day that a date or time begins with. A date of a year or month alone stands for its first day. */
export function day(value: unknown): string | undefined {
  const found = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/.exec(text(value) ?? '');
  return found === null ? undefined : `${found[1]}-${found[2] ?? '01'}-${found[3] ?? '01'}`;
}

/** Codes and text of a CodeableConcept; the name holds every display, so that it can be looked up in any script. */
export function concept(value: unknown): Allergy {
  const codings = objects(object(value)?.coding);
  const codes = codings.flatMap((coding): ItemCode[] => {
    const system = text(coding.system);
    const code = text(coding.code);
    return system === undefined || code === undefined ? [] : [{ system, code }];
  });
  const names = [text(object(value)?.text), ...codings.map((coding) => text(coding.display))];
  const name = [...new Set(names.filter((one) => one !== undefined))].join(', ');
  return { ...(codes.length === 0 ? {} : { codes }), ...(name === '' ? {} : { name }) };
}

/** Whether a CodeableConcept has one of the codes, in any system. */
export function hasCode(value: unknown, codes: ReadonlySet<string>): boolean {
  return objects(object(value)?.coding).some((coding) => codes.has(text(coding.code) ?? ''));
}

/** The resource that a Reference points to, among those contained in its holder and those given. */
export function resolve(reference: unknown, holder: Json, all: ReadonlyMap<string, Json>): Json | undefined {
  const target = text(object(reference)?.reference);
  if (target === undefined) return undefined;
  if (target.startsWith('#')) return objects(holder.contained).find((one) => one.id === target.slice(1));
  return all.get(target);
}
