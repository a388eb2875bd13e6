import type { TokenValue } from '../index-value.ts';
import {
  type Converter,
  type ConverterOptions,
  list,
  type Members,
  members,
  type SimpleValue,
  text,
} from './converter.ts';

/** Codes, codings, identifiers, contact points and booleans (R4, Search, "token"). */
export function tokenConverter(elementType: string, { key, system }: ConverterOptions): Converter {
  switch (elementType) {
    case 'Coding':
      return (element, out) => addCoding(key, members(element), undefined, out);
    case 'CodeableConcept':
      return (element, out) => addConcept(key, members(element), out);
    case 'Identifier':
      return (element, out) => addIdentifier(key, members(element), out);
    case 'ContactPoint':
      return (element, out) => addToken(key, text(members(element)?.system), text(members(element)?.value), out);
    case 'boolean':
    case 'known':
      return (element, out) => {
        if (typeof element === 'boolean') addToken(key, undefined, String(element), out);
      };
    default:
      return (element, out) => addToken(key, system, text(element), out);
  }
}

function addToken(key: string, system: string | undefined, code: string | undefined, out: SimpleValue[]): void {
  if (code === undefined) return;
  out.push(system === undefined ? { kind: 'token', key, code } : { kind: 'token', key, system, code });
}

function addCoding(
  key: string,
  coding: Members | undefined,
  conceptText: string | undefined,
  out: SimpleValue[],
): boolean {
  if (!coding) return false;
  const code = text(coding.code);
  const system = text(coding.system);
  const display = text(coding.display);
  if (code === undefined && system === undefined && display === undefined) return false;
  const token: TokenValue = { kind: 'token', key };
  if (system !== undefined) token.system = system;
  if (code !== undefined) token.code = code;
  if (display !== undefined) {
    token.text = conceptText === undefined || conceptText === display ? [display] : [display, conceptText];
  } else if (conceptText !== undefined) {
    token.text = [conceptText];
  }
  out.push(token);
  return true;
}

function addConcept(key: string, concept: Members | undefined, out: SimpleValue[]): void {
  if (!concept) return;
  const conceptText = text(concept.text);
  let coded = false;
  for (const coding of list(concept.coding)) {
    if (addCoding(key, members(coding), conceptText, out)) coded = true;
  }
  if (!coded && conceptText !== undefined) out.push({ kind: 'token', key, text: [conceptText] });
}

function addIdentifier(key: string, identifier: Members | undefined, out: SimpleValue[]): void {
  if (!identifier) return;
  const value = text(identifier.value);
  if (value === undefined) return;
  const token: TokenValue = { kind: 'token', key, code: value };
  const system = text(identifier.system);
  if (system !== undefined) token.system = system;
  const type = members(identifier.type);
  const typeText = text(type?.text);
  if (typeText !== undefined) token.text = [typeText];
  const types = list(type?.coding).flatMap((coding) => identifierType(members(coding)));
  if (types.length > 0) token.identifierType = types;
  out.push(token);
}

function identifierType(coding: Members | undefined): { system?: string; code: string }[] {
  const code = text(coding?.code);
  const system = text(coding?.system);
  if (code === undefined) return [];
  return [system === undefined ? { code } : { system, code }];
}
