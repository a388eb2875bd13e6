import { type Fields, list, string, time } from './datatypes.ts';
import { element, type Markup, templates } from './markup.ts';

/** Resources as C-CDA R2.1 entries. `line` is the ID of what the narrative says of the resource. */
export type EntryWriter = (resource: Fields, line: string) => Markup;

export const SNOMED = '2.16.840.1.113883.6.96';

export const LOINC = '2.16.840.1.113883.6.1';

export const ACT_CLASS = '2.16.840.1.113883.5.6';

export const narrativeLink = (line: string): Markup => element('text', {}, element('reference', { value: `#${line}` }));

export const status = (code: string): Markup => element('statusCode', { code });

export const unknownTime = (name = 'effectiveTime'): Markup => element(name, { nullFlavor: 'UNK' });

export function related(typeCode: string, inner: Markup, inverted = false): Markup {
  return element('entryRelationship', { typeCode, inversionInd: inverted ? 'true' : undefined }, inner);
}

/** Annotations as comment activities (C-CDA R2.1, 3.22). */
export function comments(resource: Fields): Markup[] {
  return list(resource.note).flatMap((note) => {
    const text = string(note.text);
    if (text === undefined) return [];
    const act = element(
      'act',
      { classCode: 'ACT', moodCode: 'EVN' },
      templates('22.4.64'),
      element('code', { code: '48767-8', codeSystem: LOINC, displayName: 'Annotation comment' }),
      element('text', {}, text),
    );
    return [related('SUBJ', act, true)];
  });
}

/** When it was recorded, as the time of an author who is not named here. */
export function author(resource: Fields): Markup | undefined {
  const at = time('time', resource.recordedDate ?? resource.authoredOn ?? resource.dateAsserted);
  return at && element('author', {}, at, element('assignedAuthor', {}, element('id', { nullFlavor: 'UNK' })));
}
