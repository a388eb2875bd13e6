import type { XmlElement } from '../xml.ts';
import { coding, concept, dateTime, each, identifiers, text } from './datatypes.ts';
import { practitioner } from './people.ts';
import type { Reading, Reference } from './reading.ts';

/** Roots of C-CDA templates that start alike: `template(entry, '22.4.7')` is 2.16.840.1.113883.10.20.22.4.7. */
const C_CDA = '2.16.840.1.113883.10.20.';

export function hasTemplate(element: XmlElement, ...suffixes: readonly string[]): boolean {
  return element
    .all('templateId')
    .some(({ attributes: { root } }) => suffixes.some((suffix) => root === `${C_CDA}${suffix}`));
}

export const STATEMENTS: ReadonlySet<string> = new Set([
  'act',
  'encounter',
  'observation',
  'observationMedia',
  'organizer',
  'procedure',
  'regionOfInterest',
  'substanceAdministration',
  'supply',
]);

/** The clinical statements below an entry, section or organizer: by `entry`, `entryRelationship` or `component`. */
export function statements(parent: XmlElement): XmlElement[] {
  return parent
    .elements()
    .filter(({ name }) => name === 'entry' || name === 'entryRelationship' || name === 'component')
    .flatMap((link) => link.elements().filter(({ name }) => STATEMENTS.has(name)));
}

/** Statements below an entry that follow one of the templates. */
export function related(parent: XmlElement, ...suffixes: readonly string[]): XmlElement[] {
  return statements(parent).filter((statement) => hasTemplate(statement, ...suffixes));
}

export function isNegated(element: XmlElement): boolean {
  return element.attributes.negationInd?.trim() === 'true';
}

export function statusOf(element: XmlElement): string | undefined {
  const status = element.child('statusCode');
  if (status?.attributes.code) status.read = true;
  return status?.attributes.code?.trim();
}

/** A table's answer for the status of a statement. */
export function statusIn(codes: Readonly<Record<string, string>>, element: XmlElement, otherwise: string): string {
  const status = statusOf(element);
  return (status !== undefined && Object.hasOwn(codes, status) ? codes[status] : undefined) ?? otherwise;
}

/** Annotations from comment activities (C-CDA R2.1, 3.22) and, where `withText`, the text of the entry itself. */
export function notes(element: XmlElement, reading: Reading, withText = true): { text: string }[] {
  const own = withText ? text(element.child('text'), reading) : undefined;
  const comments = related(element, '22.4.64').map((comment) => {
    markStructure(comment);
    return text(comment.child('text'), reading);
  });
  return [own, ...comments].filter((said) => said !== undefined).map((said) => ({ text: said }));
}

/** Codes that say what a nested template is, and not what is recorded. */
export function markStructure(element: XmlElement): void {
  element.read = true;
  for (const name of ['code', 'statusCode']) {
    const child = element.child(name);
    if (child) child.read = true;
  }
  for (const id of element.all('id')) id.read = true;
}

/** Authors and performers as references, each person made once. */
export function people(element: XmlElement, role: 'author' | 'performer', reading: Reading): Reference[] {
  return each(element, role, (participation) =>
    practitioner(participation.child(role === 'author' ? 'assignedAuthor' : 'assignedEntity'), reading),
  );
}

/** When the first author wrote. */
export function authoredOn(element: XmlElement, reading: Reading): string | undefined {
  return dateTime(element.child('author')?.child('time'), reading);
}

export function identifierPart(element: XmlElement): { identifier?: unknown[] } {
  const found = identifiers(element);
  return found.length > 0 ? { identifier: found } : {};
}

/** Concepts from all elements of one name. */
export function concepts(element: XmlElement | undefined, name: string, reading: Reading): unknown[] {
  return each(element, name, (one) => concept(one, reading));
}

/** The code of a nested observation's value. */
export function valueCode(statement: XmlElement | undefined): string | undefined {
  const value = statement?.child('value');
  const found = coding(value);
  if (statement && found) markStructure(statement);
  return found?.code;
}

/** Indications (C-CDA R2.1, 3.48): their values. */
export function reasons(element: XmlElement, reading: Reading): unknown[] {
  return related(element, '22.4.19').flatMap((indication) => {
    const found = concept(indication.child('value'), reading);
    if (found) markStructure(indication);
    return found ? [found] : [];
  });
}
