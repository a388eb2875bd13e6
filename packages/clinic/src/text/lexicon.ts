import table from '../../data/text/lexicon.json' with { type: 'json' };
import type { ThreeScripts } from '../tcm/script.ts';
import { PhraseTrie } from './phrase-trie.ts';
import { simplify } from './simplify.ts';

/** Our own code system of what reports speak of. */
export const CONCEPT_SYSTEM = 'https://meridian.example/fhir/CodeSystem/report-concept';

/** Something that reports speak of: a disorder, a finding or a place of the body. */
export interface Concept {
  /** Our own id, such as `pleural-effusion`. */
  id: string;
  kind: 'disorder' | 'finding' | 'site';
  /** SNOMED CT, where its meaning is exactly that. */
  snomed?: string;
  name: ThreeScripts;
}

interface Row {
  id: string;
  kind: string;
  snomed?: string;
  en: string;
  zh: string;
}

const rows: readonly Row[] = table.concepts;
const names = (list: string) => list.split('; ');

/** Every concept by its id. */
export const CONCEPTS: ReadonlyMap<string, Concept> = new Map(
  rows.map(({ id, kind, snomed, en, zh }) => {
    const [zhHant = id] = names(zh);
    const name = { en: names(en)[0] ?? id, zhHant, zhHans: simplify(zhHant) };
    return [id, { id, kind: kind as Concept['kind'], ...(snomed !== undefined && { snomed }), name }];
  }),
);

/**
 * The names of all concepts in English and Chinese; traditional and simplified characters are found alike. Words that hold a name
 * but mean something else (結節狀, "tumour marker") stand for undefined.
 */
export const CONCEPT_NAMES: PhraseTrie<Concept | undefined> = new PhraseTrie();
for (const list of [table.ignored.en, table.ignored.zh])
  for (const words of names(list)) CONCEPT_NAMES.add(words, undefined);
for (const { id, en, zh } of rows) {
  const concept = CONCEPTS.get(id);
  if (concept) for (const name of [...names(en), ...names(zh)]) CONCEPT_NAMES.add(name, concept);
}
