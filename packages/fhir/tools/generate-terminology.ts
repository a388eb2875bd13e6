/**
 * Writes `generated/terminology.json.br`: the code systems and value sets that HL7 publishes with R4, v2 and v3 tables
 * among them, without narratives and designations. Run it with `npm run generate -w packages/fhir`.
 */
import { writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import type { CodeSystem, CodeSystemConcept, ValueSet, ValueSetInclude } from '../src/definitions-resources.ts';
import type { ConceptRow, PublishedTerminology } from '../src/terminology/published.ts';
import { publishedResources } from './published.ts';

const output: PublishedTerminology = { codeSystems: {}, valueSets: {} };

for (const { url, version, name, content, concept } of publishedResources<CodeSystem>('CodeSystem')) {
  if (url === undefined || url in output.codeSystems) continue;
  output.codeSystems[url] = {
    ...(version === undefined ? {} : { version }),
    ...(name === undefined ? {} : { name }),
    content: content ?? 'complete',
    concepts: (concept ?? []).map(conceptRow),
  };
}
for (const { url, version, name, compose } of publishedResources<ValueSet>('ValueSet')) {
  if (url === undefined || url in output.valueSets) continue;
  output.valueSets[url] = {
    ...(version === undefined ? {} : { version }),
    ...(name === undefined ? {} : { name }),
    compose: {
      include: (compose?.include ?? []).map(includeRow),
      ...(compose?.exclude ? { exclude: compose.exclude.map(includeRow) } : {}),
    },
  };
}

const compressed = brotliCompressSync(JSON.stringify(output), {
  params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_LGWIN]: 24 },
});
writeFileSync(new URL('../generated/terminology.json.br', import.meta.url), compressed);

function conceptRow({ code, display, definition, concept }: CodeSystemConcept): ConceptRow {
  const row: ConceptRow = [code];
  if (display !== undefined || definition !== undefined || concept) row[1] = display ?? '';
  if (definition !== undefined || concept) row[2] = definition === display ? '' : (definition ?? '');
  if (concept) row[3] = concept.map(conceptRow);
  return row;
}

function includeRow({ system, version, concept, filter, valueSet }: ValueSetInclude): ValueSetInclude {
  return {
    ...(system === undefined ? {} : { system }),
    ...(version === undefined ? {} : { version }),
    ...(concept
      ? { concept: concept.map(({ code, display }) => (display === undefined ? { code } : { code, display })) }
      : {}),
    ...(filter ? { filter: filter.map(({ property, op, value }) => ({ property, op, value })) } : {}),
    ...(valueSet ? { valueSet } : {}),
  };
}
