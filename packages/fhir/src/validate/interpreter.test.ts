import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { publishedFiles, publishedText } from '../../tools/published.ts';
import { resourceTypes } from '../definitions.ts';
import { interpret } from './testing/interpreter.ts';
import { mutate, mutation } from './testing/mutations.ts';
import { validate } from './validate.ts';

/** `MERIDIAN_LONG=1` takes more examples, larger ones, and many more changes. */
const isLong = process.env.MERIDIAN_LONG === '1';
const LARGEST = isLong ? 200_000 : 20_000;
const PER_TYPE = isLong ? 60 : 4;
const CHANGES = isLong ? 60 : 12;

/** Examples of every resource type: the type, the file and the parsed resource. */
const examples = resourceTypes().flatMap((type) =>
  publishedFiles(type)
    .map((file) => ({ type, file, text: publishedText(file) }))
    .filter(({ text }) => text.length <= LARGEST)
    .slice(0, PER_TYPE)
    .map(({ file, text }) => ({ type, file, resource: JSON.parse(text) as { resourceType: string } }))
    .filter(({ resource }) => resource.resourceType === type),
);

/**
 * Paths of errors. Where `dom-3` to `dom-5` are concerned the two differ in when they look: the compiled validator always,
 * the interpreter only where the rest is right.
 */
function paths(found: Iterable<string>): string[] {
  return [...new Set(found)].filter((path) => !/\.contained(\[\d+\])?$/.test(path)).sort();
}

function compiledErrors(resource: unknown): string[] {
  return validate(resource).flatMap(({ severity, expression = [''] }) => (severity === 'error' ? expression : []));
}

describe('the compiled validator and the interpreter', () => {
  test('have examples of nearly all resource types', () => {
    // R4 publishes no example of the remaining ones, or only larger ones.
    expect(new Set(examples.map(({ type }) => type)).size).toBeGreaterThanOrEqual(135);
  });

  test('agree on published examples', () => {
    for (const { file, resource } of examples) {
      expect({ file, errors: paths(compiledErrors(resource)) }).toEqual({ file, errors: paths(interpret(resource)) });
    }
  });

  test('agree on changed examples, in the verdict and in where the errors are', () => {
    let refused = 0;
    for (const [index, { type, file, resource }] of examples.entries()) {
      for (const change of fc.sample(mutation, { numRuns: CHANGES, seed: index })) {
        // sdf-8 and sdf-11 compare two elements, and `fhirpath` finds them unequal when one of them has an extension.
        if (type === 'StructureDefinition' && change.kind === 'extend') continue;
        const changed = mutate(resource, change);
        const [mine, theirs] = [compiledErrors(changed), [...interpret(changed)]];
        const where = `${file} ${JSON.stringify(change)}`;
        expect({ where, refused: mine.length > 0 }).toEqual({ where, refused: theirs.length > 0 });
        // The list of issues ends at a hundred; the interpreter's does not.
        if (mine.length < 100) expect({ where, errors: paths(mine) }).toEqual({ where, errors: paths(theirs) });
        if (mine.length > 0) refused++;
      }
    }
    // Most changes break something; if few did, this test would show little.
    expect(refused).toBeGreaterThan((examples.length * CHANGES) / 3);
  });
});
