import type { FhirResource } from 'fhir/r4';
import type { ReactNode } from 'react';
import { Facts } from './facts.tsx';
import { plain } from './words.ts';

const LEFT_OUT = new Set([
  'resourceType',
  'id',
  'meta',
  'text',
  'contained',
  'implicitRules',
  'extension',
  'modifierExtension',
]);
const DEEPEST = 4;
const MOST_ITEMS = 50;

/** Any record, element by element, with the names that FHIR gives them. */
export function GenericView({ resource }: { resource: FhirResource }) {
  const facts = Object.entries(resource)
    .filter(([name]) => !LEFT_OUT.has(name) && !name.startsWith('_'))
    .map(([name, value]) => [words(name), shown(value, 1)] as const);
  return (
    <div lang="en">
      <Facts facts={facts} />
    </div>
  );
}

function shown(value: unknown, depth: number): ReactNode {
  if (Array.isArray(value)) return shownList(value, depth);
  if (typeof value !== 'object' || value === null) return plain(String(value));
  const from = value as Record<string, unknown>;
  const short = from.text ?? from.display ?? from.reference;
  if (typeof short === 'string') return plain(short);
  if (Array.isArray(from.coding)) return shownList(from.coding, depth);
  if (typeof from.code === 'string' && typeof from.system === 'string') return plain(from.code);
  if (depth >= DEEPEST) return '…';
  return (
    <Facts
      facts={Object.entries(from)
        .filter(([name]) => !LEFT_OUT.has(name) && !name.startsWith('_'))
        .map(([name, inner]) => [words(name), shown(inner, depth + 1)] as const)}
    />
  );
}

function shownList(values: readonly unknown[], depth: number): ReactNode {
  if (values.length === 1) return shown(values[0], depth);
  return (
    <ul>
      {values.slice(0, MOST_ITEMS).map((value, index) => (
        // values have no id, and their order is the record's
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <li key={index}>{shown(value, depth)}</li>
      ))}
    </ul>
  );
}

/** `birthDate` as "birth date". */
function words(name: string): string {
  const text = name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
