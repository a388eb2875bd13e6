import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Resource } from '@meridian/fhir';
import { hasErrors, validate } from '@meridian/fhir';
import { describe, expect, test } from 'vitest';
import { tcmCodeSystems, tcmValueSets } from './code-systems.ts';
import { tcmExamples } from './examples.ts';
import { profileFiles } from './files.ts';
import { tcmProfileRegistry, tcmProfiles } from './registry.ts';
import { PROFILE } from './url.ts';

const profiles = tcmProfileRegistry();
const examples = tcmExamples();
const errorsOf = (resource: unknown) =>
  validate(resource, { profiles }).flatMap(({ severity, expression, diagnostics }) =>
    severity === 'error' ? [`${expression?.[0]}: ${diagnostics}`] : [],
  );

/** A deep copy of the first example of a profile, to be spoiled. */
function exampleOf(profile: string): Resource {
  const found = examples.find(({ meta }) => meta?.profile?.[0] === profile);
  if (!found) throw new Error(`no example of ${profile}`);
  return structuredClone(found);
}

describe('definitions', () => {
  test.each([...tcmProfiles(), ...tcmCodeSystems(), ...tcmValueSets()].map((one) => [one.id, one] as const))(
    '%s is valid R4',
    (_, definition) => {
      expect(errorsOf(definition)).toEqual([]);
    },
  );

  test('what lies in profiles/ is what the builders make', () => {
    const folder = new URL('../../../profiles/', import.meta.url);
    const made = profileFiles();
    expect(existsSync(folder)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual([...made.keys()].sort());
    for (const [name, resource] of made) {
      expect(JSON.parse(readFileSync(new URL(name, folder), 'utf8')), name).toEqual(
        JSON.parse(JSON.stringify(resource)),
      );
    }
  });
});

describe('examples', () => {
  test('there is one of every profile', () => {
    const shown = new Set(
      examples.flatMap(({ meta, contained }) => [
        ...(meta?.profile ?? []),
        ...((contained as Resource[] | undefined) ?? []).flatMap((inner) => inner.meta?.profile ?? []),
      ]),
    );
    expect([...shown].sort()).toEqual(Object.values(PROFILE).sort());
  });

  test.each(examples.map((one) => [`${one.resourceType} ${one.id}`, one] as const))('%s is valid', (_, example) => {
    expect(errorsOf(example)).toEqual([]);
  });
});

/** What breaks a rule: the profile of the example, what is done to it, and the words of the error. */
const spoiled: [rule: string, profile: string, spoil: (resource: Resource) => void, words: RegExp][] = [
  [
    'tcm-tongue-1',
    PROFILE.inspection,
    (one) => {
      const quality = components(one).find(({ code }) => JSON.stringify(code).includes('coating-quality'));
      setCode(quality?.valueCodeableConcept, 'none');
    },
    /tcm-tongue-1|without coating/,
  ],
  [
    'tongue colour of the table',
    PROFILE.inspection,
    (one) => setCode(components(one)[0]?.valueCodeableConcept, 'blue'),
    /value set/,
  ],
  [
    'tcm-inquiry-1',
    PROFILE.inquiry,
    (one) => components(one).push(structuredClone(components(one)[0] ?? {})),
    /one answer/,
  ],
  ['an answer in words', PROFILE.listeningSmelling, (one) => delete components(one)[0]?.valueString, /Add value/],
  [
    'tcm-pulse-1',
    PROFILE.palpation,
    (one) => {
      setCode(components(one)[0]?.valueCodeableConcept, 'slow');
      setCode(components(one)[1]?.valueCodeableConcept, 'racing');
    },
    /slow and rapid/,
  ],
  ['a pulse has a position', PROFILE.palpation, (one) => setCode(components(one)[0]?.code, 'elbow'), /value set/],
  [
    'a depth of the table',
    PROFILE.palpation,
    (one) => setCode(extension(components(one)[0])?.valueCoding, 'abyss'),
    /value set/,
  ],
  ['an outcome is about a problem', PROFILE.outcome, (one) => delete one.focus, /Add focus/],
  [
    'tcm-condition-1',
    PROFILE.condition,
    (one) => {
      one.code = { coding: [{ system: 'http://snomed.info/sct', code: '193462001' }] };
    },
    /module I/,
  ],
  [
    'tcm-plan-1',
    PROFILE.plan,
    (one) => list(one.activity).push({ detail: { status: 'in-progress', code: { text: '活血' } } }),
    /principle/,
  ],
  [
    'tcm-formula-1',
    PROFILE.prescription,
    (one) => herbs(one).push(structuredClone(herbs(one)[0] ?? {})),
    /listed twice/,
  ],
  ['tcm-formula-2', PROFILE.prescription, (one) => setValue(strength(one).numerator, 0), /grams or pieces/],
  ['a unit other than gram', PROFILE.prescription, (one) => setCode(strength(one).numerator, 'kg'), /grams or pieces/],
  [
    'tcm-formula-3',
    PROFILE.prescription,
    (one) => {
      (herbs(one)[0] ?? {}).extension = [
        { url: 'https://meridian.example/fhir/StructureDefinition/tcm-granule-equivalence', valueDecimal: 5 },
      ];
    },
    /Only granules/,
  ],
  [
    'a role of the four',
    PROFILE.prescription,
    (one) => setCode(extension(herbs(one)[0])?.valueCoding, 'king'),
    /value set/,
  ],
  [
    'tcm-prescription-1',
    PROFILE.prescription,
    (one) => {
      one.medicationReference = { reference: 'Medication/elsewhere' };
    },
    /contained/,
  ],
  [
    'tcm-prescription-2',
    PROFILE.prescription,
    (one) => setValue((one.dispenseRequest as Record<string, unknown>).quantity, 2.5),
    /whole number/,
  ],
  ['tcm-procedure-1', PROFILE.procedure, (one) => delete one.extension, /names the points/],
  [
    'tcm-procedure-2',
    PROFILE.procedure,
    (one) => {
      delete one.extension;
      setCode(one.code, 'cupping');
    },
    /point or a part/,
  ],
  ['tcm-point-1', PROFILE.procedure, (one) => setValue(part(one, 'depth')?.valueQuantity, 400), /150/],
  ['tcm-point-2', PROFILE.procedure, (one) => setValue(part(one, 'retention')?.valueQuantity, 0), /240/],
  ['a point of WHO', PROFILE.procedure, (one) => setCode(part(one, 'point')?.valueCoding, 'ST99'), /value set/],
];

describe('each rule is kept by its example and broken by another', () => {
  test.each(spoiled)('%s', (_rule, profile, spoil, words) => {
    const example = exampleOf(profile);
    spoil(example);
    expect(hasErrors(validate(example, { profiles }))).toBe(true);
    expect(errorsOf(example).join('\n')).toMatch(words);
  });

  test('every invariant of ours has such an example', () => {
    const keys = tcmProfiles().flatMap(({ differential }) =>
      (differential?.element ?? []).flatMap(({ constraint = [] }) => constraint.map(({ key }) => key)),
    );
    expect(spoiled.map(([rule]) => rule)).toEqual(expect.arrayContaining(keys));
  });
});

type Part = Record<string, unknown>;

function list(value: unknown): Part[] {
  return value as Part[];
}

function components(resource: Resource): Part[] {
  return list(resource.component);
}

function extension(element: Part | undefined): Part | undefined {
  return list(element?.extension)[0];
}

function herbs(resource: Resource): Part[] {
  return list(list(resource.contained)[0]?.ingredient);
}

function strength(resource: Resource): Part {
  return herbs(resource)[0]?.strength as Part;
}

function part(resource: Resource, url: string): Part | undefined {
  return list(list(resource.extension)[0]?.extension).find((one) => one.url === url);
}

function setCode(target: unknown, code: string): void {
  const concept = target as { coding?: { code: string }[]; code?: string };
  const [coding] = concept.coding ?? [];
  if (coding) coding.code = code;
  else concept.code = code;
}

function setValue(quantity: unknown, value: number): void {
  (quantity as { value: number }).value = value;
}
