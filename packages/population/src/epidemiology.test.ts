import type { Resource } from '@meridian/fhir';
import { describe, expect, it } from 'vitest';
import { generatePopulation } from './population.ts';

const records = [...generatePopulation({ patients: 1000, seed: 7, years: 20, until: '2026-01-31' })].slice(1);

interface Coded {
  coding?: { code: string }[];
}

const codeOf = (resource: Resource): string | undefined =>
  ((resource.code ?? resource.medicationCodeableConcept) as Coded | undefined)?.coding?.[0]?.code;

const having = (record: Resource[], type: string, code: string): Resource[] =>
  record.filter((one) => one.resourceType === type && codeOf(one) === code);

/** The numbers of one analyte in order of time. */
const series = (record: Resource[], code: string): number[] =>
  having(record, 'Observation', code)
    .sort((a, b) => String(a.effectiveDateTime).localeCompare(String(b.effectiveDateTime)))
    .map((one) => (one.valueQuantity as { value: number }).value);

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

describe('a thousand patients', () => {
  it.each([
    ['type 2 diabetes', '44054006', 45, 130],
    ['hypertension', '38341003', 110, 280],
    ['stage 3 kidney disease', '433144002', 10, 80],
    ['asthma', '195967001', 50, 120],
    ['colon cancer', '363406005', 3, 30],
    ['breast cancer', '254837009', 4, 40],
    ['pregnancy', '72892002', 80, 260],
  ])('have %s about as often as Hong Kong', (_name, code, low, high) => {
    const ill = records.filter((record) => having(record, 'Condition', code).length > 0).length;
    expect(ill).toBeGreaterThanOrEqual(low);
    expect(ill).toBeLessThanOrEqual(high);
  });

  it('are of all ages, with records of a sensible size', () => {
    const elders = records.filter((record) => String(record[0]?.birthDate) < '1961').length;
    expect(elders).toBeGreaterThan(120);
    expect(elders).toBeLessThan(350);
    const sizes = records.map((record) => record.length).sort((a, b) => a - b);
    expect(sizes[500]).toBeGreaterThan(80);
    expect(sizes[500]).toBeLessThan(400);
    expect(sizes.at(-1)).toBeLessThan(1100);
  });

  it('with diabetes have high sugar at diagnosis and less once treated', () => {
    const found = records
      .filter((record) =>
        record.some((one) => one.resourceType === 'CarePlan' && String(one.title).startsWith('Diabetes')),
      )
      .map((record) => {
        const discovered = having(record, 'Condition', '44054006')[0]!;
        const day = String(discovered.recordedDate);
        const readings = having(record, 'Observation', '4548-4').filter((one) => String(one.effectiveDateTime) >= day);
        return series(readings, '4548-4');
      })
      .filter((readings) => readings.length > 1);
    expect(found.length).toBeGreaterThan(15);
    const first = mean(found.map((readings) => readings[0]!));
    const second = mean(found.map((readings) => readings[1]!));
    expect(first).toBeGreaterThan(6.8);
    expect(second).toBeLessThan(first - 0.2);
  });

  it('with kidney disease lose filtration over the years', () => {
    const rates = records
      .filter((record) => having(record, 'Condition', '433144002').length > 0)
      .map((record) => series(record, '98979-8'))
      .filter((values) => values.length > 2);
    expect(rates.length).toBeGreaterThan(10);
    expect(mean(rates.map((values) => values.at(-1)! - values[0]!))).toBeLessThan(-8);
  });

  it('who are allergic to penicillin get none once it is known', () => {
    const allergic = records.filter((record) => having(record, 'AllergyIntolerance', '91936005').length > 0);
    expect(allergic.length).toBeGreaterThan(10);
    for (const record of allergic) {
      const known = String(having(record, 'AllergyIntolerance', '91936005')[0]?.recordedDate);
      const orders = [
        ...having(record, 'MedicationRequest', 'J01CA04'),
        ...having(record, 'MedicationRequest', 'J01CR02'),
      ];
      expect(orders.filter((order) => String(order.authoredOn).slice(0, 10) > known)).toEqual([]);
    }
  });
});
