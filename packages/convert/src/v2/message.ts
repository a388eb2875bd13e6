import type { Delimiters } from './delimiters.ts';

/** A component: its subcomponents, unescaped. Most have one. */
export type Component = readonly string[];
/** One repetition of a field: its components. */
export type Repetition = readonly Component[];
/** A field: its repetitions. An absent field has none; `""` (delete) is one with the text `""`. */
export type Field = readonly Repetition[];

/** A segment as it was sent. */
export interface Segment {
  /** Three characters, such as `PID` or `ZBE`. */
  name: string;
  /** Its place in the message, from 0. */
  index: number;
  /** `fields[n]` is field n; `fields[0]` is empty. MSH-1 and MSH-2 are kept as the delimiters themselves. */
  fields: readonly Field[];
  /** As it was written, without the line end: unknown content goes back byte for byte. */
  text: string;
}

/** A parsed message (HL7 v2.9 chapter 2). */
export interface Message {
  delimiters: Delimiters;
  segments: readonly Segment[];
  /** What surrounds messages in a batch file is not part of it. */
  characterSet: string;
}

/** The first segment of a name. */
export function segmentOf(message: Message, name: string): Segment | undefined {
  return message.segments.find((segment) => segment.name === name);
}

/** A field of a segment; empty where it was not sent. */
export function fieldOf(segment: Segment | undefined, number: number): Field {
  return segment?.fields[number] ?? [];
}

/**
 * The text of a place, such as `textAt(pid, 5, 1)` for PID-5.1: of the first repetition, component counted from 1, first
 * subcomponent. Empty where nothing was sent.
 */
export function textAt(segment: Segment | undefined, field: number, component = 1, subcomponent = 1): string {
  return segment?.fields[field]?.[0]?.[component - 1]?.[subcomponent - 1] ?? '';
}

/** A component of a repetition, counted from 1. */
export function componentOf(repetition: Repetition | undefined, component: number, subcomponent = 1): string {
  return repetition?.[component - 1]?.[subcomponent - 1] ?? '';
}
