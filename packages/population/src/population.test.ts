import { createHash } from 'node:crypto';
import { type Resource, validate } from '@meridian/fhir';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ckdEpi2021 } from './body/egfr.ts';
import type { PopulationOptions } from './options.ts';
import { PopulationOptionsError } from './options.ts';
import { isRealHkid } from './people/hkid.ts';
import { generatePopulation, patientRecord, sharedResources } from './population.ts';

const OPTIONS: PopulationOptions = { patients: 60, seed: 7, years: 20, until: '2026-01-31' };

const digest = (options: PopulationOptions): string => {
  const hash = createHash('sha256');
  for (const resources of generatePopulation(options)) hash.update(JSON.stringify(resources));
  return hash.digest('hex');
};

/** Every value of the resource with the names of the elements above it. */
function* values(value: unknown, path: readonly string[] = []): Iterable<{ path: readonly string[]; value: string }> {
  if (typeof value === 'string') yield { path, value };
  if (value === null || typeof value !== 'object') return;
  for (const [key, child] of Object.entries(value)) yield* values(child, Array.isArray(value) ? path : [...path, key]);
}

const text = (resource: Resource, ...path: string[]): string =>
  String(path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], resource));

/** The first thing wrong with a population's references, or undefined. */
function brokenReference(groups: Iterable<Resource[]>): string | undefined {
  const known = new Set<string>();
  for (const resources of groups) {
    for (const { resourceType, id } of resources) {
      if (known.has(`${resourceType}/${id}`)) return `${resourceType} has an id twice`;
      known.add(`${resourceType}/${id}`);
    }
    for (const resource of resources) {
      for (const { path, value } of values(resource)) {
        if (path.at(-1) === 'reference' && !value.startsWith('#') && !known.has(value))
          return `${resource.resourceType} ${path.join('.')} → ${value}`;
      }
    }
  }
  return undefined;
}

/** The first date of a record that lies before birth, or after death or today, or undefined. */
function strayDate(record: Resource[], until: string): string | undefined {
  const patient = record[0]!;
  const birth = text(patient, 'birthDate');
  const limit = 'deceasedDateTime' in patient ? text(patient, 'deceasedDateTime') : until;
  if (limit > until) return 'death after today';
  for (const resource of record) {
    // Appointments lie ahead, relatives are older, and a supply may outlast the record.
    if (resource.resourceType === 'Appointment' || resource.resourceType === 'RelatedPerson') continue;
    for (const { path, value } of values(resource)) {
      if (path.includes('validityPeriod') || !/^\d{4}-\d{2}-\d{2}(T|$)/.test(value)) continue;
      const date = value.slice(0, 10);
      if (date < birth || date > limit) return `${resource.resourceType}.${path.join('.')} ${date} (${birth}…${limit})`;
    }
  }
  return undefined;
}

describe('generatePopulation', () => {
  it('gives equal bytes for equal options and others for another seed', () => {
    expect(digest(OPTIONS)).toBe(digest(OPTIONS));
    expect(digest({ ...OPTIONS, seed: 8 })).not.toBe(digest(OPTIONS));
  });

  it('gives the record of one patient as it stands in the whole', () => {
    const groups = [...generatePopulation(OPTIONS)];
    expect(groups).toHaveLength(61);
    expect(sharedResources(OPTIONS)).toEqual(groups[0]);
    for (const index of [0, 13, 59]) expect(patientRecord(OPTIONS, index)).toEqual(groups[index + 1]);
  });

  it('makes only valid FHIR R4', () => {
    const issues = new Set<string>();
    for (const resources of generatePopulation(OPTIONS)) {
      for (const resource of resources) {
        for (const issue of validate(resource)) {
          if (issue.severity === 'error' || issue.severity === 'fatal')
            issues.add(`${issue.expression?.[0]} ${issue.diagnostics}`);
        }
      }
    }
    expect([...issues]).toEqual([]);
  });

  it('refers only to what came before or comes with it', () => {
    expect(brokenReference(generatePopulation(OPTIONS))).toBeUndefined();
  });

  it('keeps identity cards fictive and the scripts of names apart', () => {
    for (const [patient] of [...generatePopulation({ ...OPTIONS, patients: 200, years: 1 })].slice(1)) {
      const { identifier, name } = patient as unknown as {
        identifier: { system: string; value: string }[];
        name: { family: string; extension: { valueCode: string }[] }[];
      };
      const hkid = identifier.find(({ system }) => system.endsWith('/hkid'))!;
      expect(isRealHkid(hkid.value)).toBe(false);
      for (const { family, extension } of name) {
        expect(family).toMatch(extension[0]!.valueCode === 'IDE' ? /^\p{Script=Han}+$/u : /^[A-Z ]+$/);
      }
    }
  });

  it('reports an eGFR that follows from the creatinine of the same sample', () => {
    let compared = 0;
    for (const record of [...generatePopulation(OPTIONS)].slice(1)) {
      const sex = text(record[0]!, 'gender') as 'male' | 'female';
      const birth = text(record[0]!, 'birthDate');
      const results = (code: string) =>
        new Map(
          record
            .filter((one) => text(one, 'code', 'coding', '0', 'code') === code && one.resourceType === 'Observation')
            .map((one) => [text(one, 'encounter', 'reference'), one] as const),
        );
      const rates = results('98979-8');
      for (const [encounter, creatinine] of results('14682-9')) {
        const day = text(creatinine, 'effectiveDateTime').slice(0, 10);
        const age = Number(day.slice(0, 4)) - Number(birth.slice(0, 4)) - (day.slice(5) < birth.slice(5) ? 1 : 0);
        const rate = ckdEpi2021(Number(text(creatinine, 'valueQuantity', 'value')), age, sex);
        expect(Number(text(rates.get(encounter)!, 'valueQuantity', 'value'))).toBe(Math.round(rate));
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(50);
  });

  it('holds its promises for any seed, span and day', () => {
    const options = fc.record({
      patients: fc.integer({ min: 1, max: 10 }),
      seed: fc.maxSafeInteger(),
      years: fc.integer({ min: 1, max: 40 }),
      until: fc.constantFrom('1999-12-31', '2016-02-29', '2026-01-31', '2030-07-01'),
    });
    fc.assert(
      fc.property(options, (one) => {
        const groups = [...generatePopulation(one)];
        expect(brokenReference(groups)).toBeUndefined();
        for (const record of groups.slice(1)) expect(strayDate(record, one.until)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  it('gives mothers the births of their children', () => {
    let births = 0;
    const groups = [...generatePopulation({ ...OPTIONS, patients: 200 })];
    const delivered = new Set(
      groups.flatMap((record) =>
        record
          .filter(
            (one) =>
              one.resourceType === 'Procedure' &&
              ['11466000', '177184002'].includes(text(one, 'code', 'coding', '0', 'code')),
          )
          .map((one) => text(one, 'performedPeriod', 'start').slice(0, 10)),
      ),
    );
    for (const record of groups.slice(1)) {
      const mother = record.find(
        (one) =>
          one.resourceType === 'RelatedPerson' && text(one, 'relationship', '0', 'coding', '0', 'code') === 'MTH',
      );
      const birth = text(record[0]!, 'birthDate');
      if (mother === undefined || birth < '2006-01-31') continue;
      expect(delivered.has(birth)).toBe(true);
      births++;
    }
    expect(births).toBeGreaterThan(10);
  });

  it('refuses options outside their bounds with a sentence', () => {
    for (const wrong of [
      { patients: -1 },
      { patients: 1.5 },
      { seed: Number.NaN },
      { years: 0 },
      { years: 61 },
      { until: '2026-02-30' },
      { until: 'today' },
    ]) {
      expect(() => generatePopulation({ ...OPTIONS, ...wrong })).toThrow(PopulationOptionsError);
    }
    expect(() => patientRecord(OPTIONS, 60)).toThrow(PopulationOptionsError);
  });
});
