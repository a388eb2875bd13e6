import type { XmlElement } from '../xml.ts';
import { account } from './accounting.ts';
import { STATEMENTS } from './common.ts';
import { concept, dataAbsent, identifiers, text } from './datatypes.ts';
import { readStatement, sectionKind } from './entries.ts';
import { narrativeDiv } from './narrative.ts';
import type { Reading } from './reading.ts';

/** Where anything is that no resource holds. */
export const ORIGINAL = 'the original document (Binary)';

const NO_TEXT = '<div xmlns="http://www.w3.org/1999/xhtml"><p>The document has no text in this section.</p></div>';

/**
 * Sections as `Composition.section`, their narrative with them, and their entries as resources. Sections that nobody knows
 * keep narrative, code and title, so that a person reads there what a program cannot.
 */
export function readSections(parent: XmlElement, reading: Reading): unknown[] {
  const components = parent.all('component');
  for (const component of components)
    for (const child of component.elements())
      if (child.name !== 'section') account(child, 'component', ORIGINAL, reading.fidelity);
  return components.flatMap((component) => component.all('section')).map((section) => readSection(section, reading));
}

function readSection(section: XmlElement, reading: Reading): unknown {
  const codeElement = section.child('code');
  const code = codeElement?.attributes.code?.trim();
  const path = `component/section[${code ?? 'no code'}]`;
  const kind = sectionKind(code);
  const references = section.all('entry').flatMap((entry) => {
    const found = entry
      .elements()
      .filter(({ name }) => STATEMENTS.has(name))
      .flatMap((one) => readStatement(one, kind, reading));
    if (found.length > 0) reading.fidelity.mapped(`${path}/entry`);
    else reading.fidelity.kept(`${path}/entry`, `${ORIGINAL} and, as the section tells it, Composition.section.text`);
    for (const child of entry.elements()) account(child, `${path}/entry`, ORIGINAL, reading.fidelity);
    return found;
  });
  const inner = readSections(section, reading);
  const narrative = section.child('text');
  const div = narrative && narrativeDiv(narrative);
  if (div !== undefined) reading.fidelity.kept(`${path}/text`, 'Composition.section.text');
  const title = text(section.child('title'), reading);
  const coded = concept(codeElement, reading);
  identifiers(section);
  const isEmpty = references.length === 0 && inner.length === 0 && section.attributes.nullFlavor !== undefined;
  for (const child of section.elements()) {
    if (!ACCOUNTED.has(child.name)) account(child, path, ORIGINAL, reading.fidelity);
  }
  reading.fidelity.mapped(path);
  return {
    title,
    code: coded,
    text: { status: div === undefined ? 'empty' : 'additional', div: div ?? NO_TEXT },
    emptyReason: isEmpty
      ? {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/list-empty-reason', code: 'unavailable' }],
          extension: [dataAbsent(section)],
        }
      : undefined,
    entry: [...new Map(references.map((reference) => [reference.reference, reference])).values()],
    section: inner,
  };
}

const ACCOUNTED = new Set(['entry', 'text', 'component']);
