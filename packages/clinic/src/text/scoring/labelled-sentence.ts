import type { Span } from '../span.ts';

/** What a person says one sentence holds. The notation is explained at the head of `data/text/labelled/en.txt`. */
export interface LabelledSentence {
  text: string;
  /** Held out for the final figure; the others serve to mend the rules. */
  heldOut: boolean;
  findings: LabelledFinding[];
  /** Such as `12x8mm` and, of an earlier examination, `12x8mm:p`. */
  measurements: string[];
  /** Such as `imaging:3-6mo`. */
  followUps: string[];
  /** Such as `pulse:wiry`, and `tongue-shape:cracked!` where it is absent. */
  chineseMedicine: string[];
}

export interface LabelledFinding extends Span {
  concept: string;
  negated: boolean;
  uncertain: boolean;
  temporality: 'current' | 'historical' | 'hypothetical';
  experiencer: 'patient' | 'family';
}

const MARKED = /\[([^\]|]+)\|([\w-]+) ?(\w*)\]/g;

/** Reads a labelled file. */
export function readLabelled(file: string): LabelledSentence[] {
  return file
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map(readLine);
}

function readLine(line: string): LabelledSentence {
  const [marked = '', labels = ''] = line.split(' ## ');
  const findings: LabelledFinding[] = [];
  let text = '';
  let last = 0;
  for (const match of marked.matchAll(MARKED)) {
    const [whole, words = '', concept = '', flags = ''] = match;
    text += marked.slice(last, match.index);
    findings.push({ start: text.length, end: text.length + words.length, concept, ...attributesOf(flags) });
    text += words;
    last = match.index + whole.length;
  }
  text += marked.slice(last);
  const all = labels.split(' ').filter((label) => label !== '');
  const of = (mark: string) => all.filter((label) => label.startsWith(mark)).map((label) => label.slice(1));
  return {
    text,
    heldOut: isHeldOut(text),
    findings,
    measurements: of('='),
    followUps: of('>'),
    chineseMedicine: of('~'),
  };
}

function attributesOf(flags: string): Omit<LabelledFinding, 'start' | 'end' | 'concept'> {
  return {
    negated: flags.includes('n'),
    uncertain: flags.includes('u'),
    temporality: flags.includes('y') ? 'hypothetical' : flags.includes('h') ? 'historical' : 'current',
    experiencer: flags.includes('f') ? 'family' : 'patient',
  };
}

/** Half of all sentences by a hash of the words (FNV-1a, 32 bits, its top bit), so that no one chooses which. */
function isHeldOut(text: string): boolean {
  let hash = 0x811c9dc5;
  for (const unit of new TextEncoder().encode(text)) hash = Math.imul(hash ^ unit, 0x01000193);
  return hash >>> 31 === 1;
}
