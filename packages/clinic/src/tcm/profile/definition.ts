import type { ElementDefinition, StructureDefinition } from './structure.ts';
import { PROFILES_VERSION, profileUrl, valueSetUrl } from './url.ts';

/** An element of a differential: path below the type, then what it asks. */
export type ElementRow = Omit<ElementDefinition, 'id' | 'path'>;

/** The rows of a differential by element id below the type (`component:tongue.code`); `''` is the type itself. */
export type ElementRows = Readonly<Record<string, ElementRow>>;

interface ProfileText {
  id: string;
  title: string;
  description: string;
}

function definition(type: string, kind: 'resource' | 'complex-type', text: ProfileText, rows: ElementRows) {
  const { id, title, description } = text;
  return {
    resourceType: 'StructureDefinition' as const,
    ...{ id, url: profileUrl(id), version: PROFILES_VERSION, name: nameOf(id), title, status: 'active' as const },
    ...{ publisher: 'Meridian', description, fhirVersion: '4.0.1', kind, abstract: false },
    ...(type === 'Extension' ? { context: [{ type: 'element', expression: 'Element' }] } : {}),
    ...{ type, baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`, derivation: 'constraint' as const },
    differential: {
      element: Object.entries(rows).map(([below, row]) => {
        const id = below === '' ? type : `${type}.${below}`;
        return { id, path: id.replace(/:[^.]+/g, ''), ...row };
      }),
    },
  } satisfies StructureDefinition & Record<string, unknown>;
}

function nameOf(id: string): string {
  return id.replace(/(^|-)([a-z])/g, (_, _dash: string, letter: string) => letter.toUpperCase());
}

/** A profile on a resource type, as a differential. */
export function profileOn(type: string, text: ProfileText, rows: ElementRows) {
  return definition(type, 'resource', text, rows);
}

/** An extension that holds one value. */
export function simpleExtension(text: ProfileText, value: ElementRow) {
  const url = profileUrl(text.id);
  return definition('Extension', 'complex-type', text, {
    '': {},
    extension: { max: '0' },
    url: { fixedUri: url },
    'value[x]': { min: 1, ...value },
  });
}

/** An extension that holds parts, each an extension with one value; the url of a part is its name. */
export function compoundExtension(text: ProfileText, parts: Readonly<Record<string, ElementRow & { most?: string }>>) {
  const rows: Record<string, ElementRow> = {
    '': {},
    extension: { slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' } },
  };
  for (const [part, { min = 0, most = '1', ...value }] of Object.entries(parts)) {
    rows[`extension:${part}`] = { sliceName: part, min, max: most };
    rows[`extension:${part}.url`] = { fixedUri: part };
    rows[`extension:${part}.value[x]`] = { min: 1, ...value };
  }
  return definition('Extension', 'complex-type', text, {
    ...rows,
    url: { fixedUri: profileUrl(text.id) },
    'value[x]': { max: '0' },
  });
}

/** A binding to one of our value sets, required unless said. */
export function boundTo(valueSet: string, strength: 'required' | 'extensible' = 'required'): ElementRow {
  return { binding: { strength, valueSet: valueSetUrl(valueSet) } };
}

/** A slice of `extension` that is one of our extensions. */
export function extensionSlice(sliceName: string, url: string, row: ElementRow = {}): ElementRow {
  return { sliceName, type: [{ code: 'Extension', profile: [url] }], ...row };
}

/** An invariant of severity "error". */
export function invariant(key: string, human: string, expression: string) {
  return { key, severity: 'error' as const, human, expression };
}
