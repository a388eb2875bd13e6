import table from '../../data/text/context.json' with { type: 'json' };
import { PhraseTrie } from './phrase-trie.ts';

/** What a trigger says about the findings in its reach. */
export type ContextCategory = 'negated' | 'uncertain' | 'historical' | 'hypothetical' | 'family';

/** A word or phrase of ConText: one that says something about findings, one that ends reach, or one that only looks like one. */
export type Trigger =
  | {
      role: 'modifier';
      category: ContextCategory;
      direction: 'forward' | 'backward';
      scope: 'clause' | 'sentence' | 'list';
    }
  | { role: 'stop'; stops: ReadonlySet<ContextCategory> }
  | { role: 'pseudo' };

interface Group {
  category: string;
  direction?: string;
  scope?: string;
  stops?: string[];
  phrases: string[];
}

/** All triggers; a phrase may be several (`史` is historical, `父` family). */
export const TRIGGERS: PhraseTrie<Trigger> = new PhraseTrie();
for (const group of table.groups as Group[]) {
  const trigger = readGroup(group);
  for (const phrase of group.phrases) TRIGGERS.add(phrase, trigger);
}

/** English rows state no reach: theirs goes over the commas of a list (ConText: to the end of the sentence or a stop). */
function readGroup(group: Group): Trigger {
  if (group.category === 'pseudo') return { role: 'pseudo' };
  if (group.category === 'stop') return { role: 'stop', stops: new Set(group.stops as ContextCategory[]) };
  return {
    role: 'modifier',
    category: group.category as ContextCategory,
    direction: group.direction === 'backward' ? 'backward' : 'forward',
    scope: group.scope === 'clause' || group.scope === 'sentence' ? group.scope : 'list',
  };
}
