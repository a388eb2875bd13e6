import type { Assembly } from '../assembly.ts';
import type { SegmentCells } from '../cell.ts';
import { attachment } from '../observation-value.ts';
import { TXA_DOCUMENT } from '../order-map.ts';
import { append, applyRules, type Json } from '../rules.ts';

/** Table 0271, document completion status → composition-status. */
const COMPLETION: Readonly<Record<string, string>> = {
  DI: 'preliminary',
  DO: 'preliminary',
  IN: 'preliminary',
  IP: 'preliminary',
  PA: 'preliminary',
  AU: 'final',
  LA: 'final',
};

/** TXA: a document; its content is in the OBX after it. */
export function txa(segment: SegmentCells, assembly: Assembly): void {
  if (assembly.facts.type !== 'MDM') return;
  finishDocument(assembly);
  const number = segment.peek(12) || segment.peek(12, 3);
  const draft = assembly.startOfPatient('DocumentReference', 'update', 'subject', [number, segment.peek(2)]);
  if (!draft) return;
  const { resource } = draft;
  applyRules(resource, TXA_DOCUMENT, segment, assembly.source);
  const obsolete = segment.peek(19) === 'OB';
  resource.status = assembly.facts.event === 'T11' ? 'entered-in-error' : obsolete ? 'superseded' : 'current';
  if (segment.peek(19) !== '') segment.text(19);
  const completion = COMPLETION[segment.peek(17)];
  if (completion !== undefined) {
    segment.text(17);
    resource.docStatus = completion;
  }
  resource.content = [];
  const context: Json = {};
  if (assembly.encounter) context.encounter = [assembly.to(assembly.encounter)];
  if (assembly.order) context.related = [assembly.to(assembly.order)];
  if (Object.keys(context).length > 0) resource.context = context;
  assembly.document = draft;
  assembly.annotated = draft;
}

/** OBX of a document: lines of text come together, everything else is an attachment of its own. */
export function addContent(segment: SegmentCells, type: string, assembly: Assembly): void {
  const { document, documentLines } = assembly;
  if (!document) return;
  segment.text(2);
  if (type === 'ED' || type === 'RP') {
    const title = segment.text(3, 2) || segment.text(3);
    for (const cell of segment.field(5)) {
      const found = attachment(type, cell);
      if (found) {
        append(document.resource, 'content', { attachment: { ...found, ...(title !== '' && { title }) } });
        segment.text(11);
      }
    }
    return;
  }
  for (const cell of segment.field(5)) {
    const parts: string[] = [];
    for (let component = 1; component <= cell.length; component++) parts.push(cell.text(component));
    documentLines.push(parts.join(' ').trimEnd());
  }
  segment.text(11);
}

/** Puts the lines together, as the first content. A document without content says so: FHIR asks for one. */
export function finishDocument(assembly: Assembly): void {
  const { document, documentLines } = assembly;
  assembly.document = undefined;
  assembly.documentLines = [];
  if (!document) return;
  const content = document.resource.content as Json[];
  const text = documentLines.join('\n');
  if (text.trim() !== '') {
    const data = Buffer.from(text, 'utf8').toString('base64');
    content.unshift({ attachment: { contentType: 'text/plain; charset=utf-8', data } });
  }
  if (content.length === 0) content.push({ attachment: { title: 'The message held no content.' } });
}
