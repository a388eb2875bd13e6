import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import type { ValueSet } from '../definitions-resources.ts';

/** Code systems and value sets by URL, as `tools/generate-terminology.ts` writes them. */
export interface PublishedTerminology {
  codeSystems: Record<string, { version?: string; name?: string; content: string; concepts: ConceptRow[] }>;
  valueSets: Record<string, { version?: string; name?: string; compose: NonNullable<ValueSet['compose']> }>;
}

/** Code, display, definition (empty when it repeats the display), narrower concepts. */
export type ConceptRow = [code: string, display?: string, definition?: string, narrower?: ConceptRow[]];

let loaded: PublishedTerminology | undefined;

/** The terminology published with R4; read and unpacked once (some 100 ms) when first asked for, and never changed. */
export function publishedTerminology(): PublishedTerminology {
  loaded ??= JSON.parse(
    brotliDecompressSync(readFileSync(new URL('../../generated/terminology.json.br', import.meta.url))).toString(),
  ) as PublishedTerminology;
  return loaded;
}
