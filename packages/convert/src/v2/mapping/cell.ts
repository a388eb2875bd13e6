import type { Fidelity } from '../../evidence/fidelity.ts';
import type { Component, Repetition, Segment } from '../message.ts';

/** A sender's word for "delete what you have" (HL7 v2.9 §2.5.3.4). */
const DELETE = '""';
/** FHIR strings hold no control characters but tab and line ends (FHIR R4, Data Types, string). */
const CONTROL = /(?![\t\n\r])\p{Cc}/u;
const CONTROLS = new RegExp(CONTROL, 'gu');
/** Components are remembered as bits; those from here on share the last. */
const LAST_BIT = 30;

/**
 * One repetition of a field while it is mapped. It remembers which of its components were taken: what nobody took is
 * dropped, and the fidelity report says so without any rule having to think of it.
 */
export class Cell {
  readonly #components: Repetition;
  #taken = 0;

  constructor(components: Repetition) {
    this.#components = components;
  }

  /** The text of a component, which is thereby taken. Empty where nothing or `""` was sent. */
  text(component = 1, subcomponent = 1): string {
    const text = this.peek(component, subcomponent);
    if (text !== '') this.take(component);
    return text;
  }

  /** The same without taking it: for a decision, or to look before reading. */
  peek(component = 1, subcomponent = 1): string {
    const text = this.#components[component - 1]?.[subcomponent - 1] ?? '';
    if (text === DELETE) return '';
    return (CONTROL.test(text) ? text.replaceAll(CONTROLS, '') : text).trim();
  }

  take(component: number): void {
    this.#taken |= 1 << Math.min(component - 1, LAST_BIT);
  }

  takeAll(): void {
    for (let component = 1; component <= this.#components.length; component++) this.take(component);
  }

  /** A component's subcomponents as a cell of its own (a CX within another type); the component is taken. */
  within(component: number): Cell {
    this.take(component);
    const parts = this.#components[component - 1] ?? [];
    return new Cell(parts.map((text) => [text]));
  }

  get length(): number {
    return this.#components.length;
  }

  get asksToDelete(): boolean {
    return this.#components.length === 1 && this.#components[0]?.length === 1 && this.#components[0][0] === DELETE;
  }

  /** Whether anything in it was taken, and the numbers of the components with content that were not. */
  outcome(): { taken: boolean; left: number[] } {
    const left: number[] = [];
    this.#components.forEach((component, at) => {
      const isTaken = (this.#taken & (1 << Math.min(at, LAST_BIT))) !== 0;
      if (!isTaken && hasContent(component)) left.push(at + 1);
    });
    return { taken: this.#taken !== 0, left };
  }
}

function hasContent(component: Component): boolean {
  return component.some((text) => text.trim() !== '');
}

const NOTHING: readonly Cell[] = [];

/** A segment while it is mapped. Fields become cells when a rule first asks for them. */
export class SegmentCells {
  readonly name: string;
  /** From 0, in the message. */
  readonly index: number;
  readonly #segment: Segment;
  readonly #fields: (readonly Cell[] | undefined)[] = [];

  constructor(segment: Segment) {
    this.name = segment.name;
    this.index = segment.index;
    this.#segment = segment;
  }

  /** The repetitions of a field. */
  field(number: number): readonly Cell[] {
    const known = this.#fields[number];
    if (known) return known;
    const field = this.#segment.fields[number];
    if (!field || field.length === 0) return NOTHING;
    const cells = field.map((repetition) => new Cell(repetition));
    this.#fields[number] = cells;
    return cells;
  }

  first(number: number): Cell | undefined {
    return this.field(number)[0];
  }

  /** The text of the first repetition's component, taken. */
  text(number: number, component = 1): string {
    return this.first(number)?.text(component) ?? '';
  }

  /** The same, not taken. */
  peek(number: number, component = 1): string {
    return this.first(number)?.peek(component) ?? '';
  }

  /** Counts every field of the segment in the report: what was taken is mapped, the rest dropped for the reason given. */
  account(fidelity: Fidelity, reasonOf: (field: number) => string): void {
    this.#segment.fields.forEach((field, number) => {
      if (number === 0 || (isHeader(this.name) && number < 3)) return;
      field.forEach((repetition, at) => {
        if (!repetition.some(hasContent)) return;
        const path = `${this.name}-${number}`;
        const outcome = this.#fields[number]?.[at]?.outcome();
        if (!outcome?.taken) {
          fidelity.dropped(path, reasonOf(number));
          return;
        }
        fidelity.mapped(path);
        for (const component of outcome.left) {
          fidelity.dropped(`${path}.${component}`, 'FHIR has no place for this component, or its value cannot be read');
        }
      });
    });
  }
}

/** Whose first two fields are the delimiters. */
function isHeader(name: string): boolean {
  return name === 'MSH' || name === 'FHS' || name === 'BHS';
}
