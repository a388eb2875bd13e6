import type { Sentence } from './sentences.ts';
import type { Token } from './tokens.ts';
import { type ContextCategory, TRIGGERS, type Trigger } from './triggers.ts';

type Modifier = Extract<Trigger, { role: 'modifier' }>;

interface Placed<T> {
  from: number;
  to: number;
  trigger: T;
}

/** Tokens `[from, to)` over which a trigger speaks, and where the trigger itself stands. */
export interface Scope {
  category: ContextCategory;
  from: number;
  to: number;
  trigger: { from: number; to: number };
}

/** Tokens that a concept takes up; a trigger inside one (無力, "free fluid") is part of its name. */
export interface Taken {
  from: number;
  to: number;
}

/** Words that make what follows a comma a statement of its own, so that what was said before does not reach over the comma. */
const STATEMENT = new Set(
  (
    'there is are was were has have had show demonstrate measuring measure stable unchanged mild mildly small moderate large ' +
    'trace minimal tiny severe a an the with evidence normal clear but he she patient we i recommend suggest advise take on ' +
    'complain report'
  ).split(' '),
);
const JOINS = new Set(['or', 'nor', 'and', '或', '及', '和', '与']);
/** These reach only the next few words. */
const SHORT_REACH: ReadonlyMap<string, number> = new Map([
  ['?', 5],
  ['non', 1],
  ['ex', 2],
  ['old', 3],
  ['former', 3],
  ['不', 3],
]);

/**
 * The ConText algorithm (Harkema H et al. ConText: an algorithm for determining negation, experiencer, and temporal status from
 * clinical reports. J Biomed Inform 2009;42:839-851) over one sentence: each trigger reaches forward or backward until the
 * sentence, or a comma that ends its list, or a word that stops its kind, or a trigger that says otherwise.
 */
export function scopesOf(tokens: readonly Token[], sentence: Sentence, taken: readonly Taken[]): Scope[] {
  const triggers = triggersOf(tokens, sentence, taken);
  return triggers.flatMap(({ trigger, ...place }) => {
    if (trigger.role !== 'modifier') return [];
    const placed = { ...place, trigger };
    return trigger.direction === 'forward'
      ? forward(placed, tokens, sentence, triggers)
      : backward(placed, tokens, sentence, triggers);
  });
}

/** The triggers between the concepts. */
function triggersOf(tokens: readonly Token[], sentence: Sentence, taken: readonly Taken[]): Placed<Trigger>[] {
  const edges = [sentence.from, ...taken.flatMap(({ from, to }) => [from, to]), sentence.to];
  const found: Placed<Trigger>[] = [];
  for (let index = 0; index < edges.length; index += 2) {
    for (const { from, to, value } of TRIGGERS.matches(tokens, edges[index], edges[index + 1])) {
      if (mayPoint(tokens, from, value)) found.push({ from, to, trigger: value });
    }
  }
  return found;
}

/** A question mark asks about the word that it touches: `?pneumonia`, `pneumonia?`. */
function mayPoint(tokens: readonly Token[], at: number, trigger: Trigger): boolean {
  if (tokens[at]?.text !== '?' || trigger.role !== 'modifier') return true;
  const touchesNext = tokens[at]?.end === tokens[at + 1]?.start;
  return (trigger.direction === 'forward') === touchesNext;
}

function forward(
  placed: Placed<Modifier>,
  tokens: readonly Token[],
  sentence: Sentence,
  all: readonly Placed<Trigger>[],
): Scope {
  const { category, scope } = placed.trigger;
  let end = sentence.to;
  for (const other of all) {
    if (other.from >= placed.to && other.from < end && ends(other.trigger, category, 'forward')) end = other.from;
  }
  for (let at = placed.to; at < end; at++) {
    if (tokens[at]?.text !== ',') continue;
    if (scope === 'clause' || (scope === 'list' && beginsStatement(tokens, at + 1, end))) end = at;
  }
  const reach = SHORT_REACH.get(tokens[placed.from]?.text ?? '');
  if (reach !== undefined && placed.to - placed.from === 1) end = Math.min(end, placed.to + reach);
  return { category, from: placed.to, to: end, trigger: { from: placed.from, to: placed.to } };
}

function backward(
  placed: Placed<Modifier>,
  tokens: readonly Token[],
  sentence: Sentence,
  all: readonly Placed<Trigger>[],
): Scope {
  const { category, scope } = placed.trigger;
  const subject = subjectEnd(placed, tokens, all);
  let from = sentence.from;
  for (const other of all) {
    if (other.to <= subject && other.to > from && ends(other.trigger, category, 'backward')) from = other.to;
  }
  for (let at = subject - 1; at >= from; at--) {
    if (tokens[at]?.text !== ',') continue;
    if (scope === 'clause' || (scope === 'list' && !joinsList(tokens, at + 1, subject))) {
      from = at + 1;
      break;
    }
  }
  return { category, from, to: subject, trigger: { from: placed.from, to: placed.to } };
}

/**
 * Where the words end of which a backward trigger speaks. In "unlikely, but not excluded" and 可能性小但未能排除 both triggers
 * have one subject, and the one after the "but" has none of its own.
 */
function subjectEnd(placed: Placed<Modifier>, tokens: readonly Token[], all: readonly Placed<Trigger>[]): number {
  const but = all.find(({ to, trigger }) => to === placed.from && trigger.role === 'stop');
  if (!but) return placed.from;
  const last = tokens[but.from - 1]?.text === ',' ? but.from - 1 : but.from;
  const before = all.find(
    ({ to, trigger }) => to === last && trigger.role === 'modifier' && trigger.direction === 'backward',
  );
  return before?.from ?? placed.from;
}

/** A stop of that kind; or, between negated and uncertain, a trigger that says the other of the two in the same direction. */
function ends(other: Trigger, category: ContextCategory, direction: 'forward' | 'backward'): boolean {
  if (other.role === 'stop') return other.stops.has(category);
  if (other.role === 'pseudo' || other.direction !== direction) return false;
  const opposed = category === 'negated' ? 'uncertain' : category === 'uncertain' ? 'negated' : undefined;
  return other.category === opposed || (direction === 'backward' && other.category === category);
}

/** Whether the words after a comma are a statement of their own and not the next item of a list. */
function beginsStatement(tokens: readonly Token[], from: number, end: number): boolean {
  if (['or', 'nor'].includes(tokens[from]?.text ?? '')) return false;
  for (let at = from; at < end && tokens[at]?.text !== ','; at++) {
    if (STATEMENT.has(tokens[at]?.text ?? '')) return true;
  }
  return false;
}

/** Whether the words between a comma and a backward trigger are the last items of a list: "A, B and C are not seen". */
function joinsList(tokens: readonly Token[], from: number, end: number): boolean {
  const joined = tokens.slice(from, end).some(({ text }) => JOINS.has(text));
  return joined && !tokens.slice(from, end).some(({ text }) => STATEMENT.has(text));
}
