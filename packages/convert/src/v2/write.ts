import { type Delimiters, STANDARD_DELIMITERS } from './delimiters.ts';
import { escapeText } from './escapes.ts';
import type { Field } from './message.ts';

/** A segment to be written: `fields[0]` is field 1, or for MSH field 3. */
export interface OutgoingSegment {
  name: string;
  fields: readonly Field[];
}

/** A message as text, each segment ended by CR (HL7 v2.9 §2.5.1). */
export function writeMessage(
  segments: readonly OutgoingSegment[],
  delimiters: Delimiters = STANDARD_DELIMITERS,
): string {
  return segments.map((segment) => `${writeSegment(segment, delimiters)}\r`).join('');
}

function writeSegment({ name, fields }: OutgoingSegment, delimiters: Delimiters): string {
  const { field, component, repetition, escape: mark, subcomponent, truncation = '' } = delimiters;
  const written = fields.map((each) => writeField(each, delimiters));
  while (written.at(-1) === '') written.pop();
  const head = name === 'MSH' ? [`MSH${field}${component}${repetition}${mark}${subcomponent}${truncation}`] : [name];
  return [...head, ...written].join(field);
}

function writeField(value: Field, delimiters: Delimiters): string {
  const repetitions = value.map((repetition) => {
    const components = repetition.map((component) =>
      trimmed(component.map((text) => escapeText(text, delimiters))).join(delimiters.subcomponent),
    );
    return trimmed(components).join(delimiters.component);
  });
  return repetitions.join(delimiters.repetition);
}

/** Without the empty ones at the end, which mean nothing. */
function trimmed(parts: readonly string[]): readonly string[] {
  let length = parts.length;
  while (length > 1 && parts[length - 1] === '') length--;
  return parts.slice(0, length);
}

/** A field with one repetition of simple components. */
export function components(...texts: readonly string[]): Field {
  return texts.every((text) => text === '') ? [] : [texts.map((text) => [text])];
}
