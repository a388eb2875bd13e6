import type { Fidelity } from '../../evidence/fidelity.ts';
import type { XmlElement } from '../xml.ts';

/** Attributes that tell how a document is built, not what it records; they come with their elements. */
const STRUCTURAL = new Set([
  'classCode',
  'moodCode',
  'typeCode',
  'contextControlCode',
  'contextConductionInd',
  'determinerCode',
  'xsi:type',
  'inversionInd',
  'independentInd',
  'institutionSpecified',
  'operator',
  'schemaLocation',
  'ID',
  'unit',
  'codeSystemName',
  'assigningAuthorityName',
  'use',
  'negationInd',
  'mediaType',
  'representation',
]);
const STRUCTURE = new Set(['templateId', 'typeId', 'realmCode']);

/**
 * Counts every element with content of its own below `element`: as mapped where a reader took it, else as kept in the
 * original document, under the path of names from the section or header on.
 */
export function account(element: XmlElement, path: string, where: string, fidelity: Fidelity): void {
  if (STRUCTURE.has(element.name)) {
    fidelity.mapped(`${path}/${element.name}`);
    return;
  }
  const here = `${path}/${element.name}`;
  const hasText = element.children.some((child) => typeof child === 'string' && child.trim() !== '');
  const hasContent = hasText || Object.keys(element.attributes).some((name) => !STRUCTURAL.has(name));
  if (element.read) fidelity.mapped(here);
  else if (hasContent) fidelity.kept(here, where);
  for (const child of element.children) if (typeof child !== 'string') account(child, here, where, fidelity);
}
