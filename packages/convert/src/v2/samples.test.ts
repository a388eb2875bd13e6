import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrors, type Resource, validate } from '@meridian/fhir';
import { describe, expect, test } from 'vitest';
import { countsOf } from '../evidence/fidelity.ts';
import { convertMessage, v2ToFhir } from './to-fhir.ts';

const SAMPLES = join(import.meta.dirname, '..', '..', '..', '..', '..', 'shared', 'data', 'samples', 'hl7v2');
const OPTIONS = { at: new Date('2026-01-01T00:00:00Z') };

interface Entry {
  fullUrl: string;
  resource: Resource & { [element: string]: never };
  request: { method: string; url: string; ifNoneExist?: string };
}

/** Segments as arrays of fields, split by hand: nothing of the converter is used to read what it should have read. */
function naive(source: Buffer): string[][] {
  const text = source.toString('utf8').replace(/^\ufeff/, '');
  return text
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '')
    .map((line) => line.split('|'));
}

const files = existsSync(SAMPLES) ? readdirSync(SAMPLES).filter((name) => name.endsWith('.hl7')) : [];

describe.skipIf(files.length === 0)('samples of HL7 v2', () => {
  const read = (name: string): { lines: string[][]; entries: Entry[]; source: Buffer; all: string } => {
    const source = readFileSync(join(SAMPLES, name));
    const { bundle } = convertMessage(source, OPTIONS);
    const entries = bundle.entry as unknown as Entry[];
    return { lines: naive(source), entries, source, all: JSON.stringify(entries) };
  };

  test.each(files)('%s becomes valid FHIR whose references resolve', (name) => {
    const { entries } = read(name);
    const urls = new Set(entries.map(({ fullUrl }) => fullUrl));
    expect(urls.size).toBe(entries.length);
    for (const { resource } of entries) {
      const issues = validate(resource).filter(({ severity }) => severity === 'error');
      expect(issues, resource.resourceType).toEqual([]);
      for (const [, url] of JSON.stringify(resource).matchAll(/"reference":"([^"]*)"/g)) expect(urls).toContain(url);
    }
  });

  test.each(files)('%s: every field is accounted for', (name) => {
    const source = readFileSync(join(SAMPLES, name));
    const { fidelity } = convertMessage(source, OPTIONS);
    const kept = new Set(fidelity.kept.map(({ path }) => path));
    let sent = 0;
    for (const [segment = '', ...fields] of naive(source)) {
      if (kept.has(segment)) continue;
      const counted = segment === 'MSH' ? fields.slice(1) : fields;
      const withContent = counted.flatMap((field) => field.split('~')).filter((part) => /[^\s^&]/.test(part));
      sent += withContent.length;
    }
    const whole = (list: readonly { path: string; count: number }[]): number =>
      list.filter(({ path }) => !path.includes('.')).reduce((total, { count }) => total + count, 0);
    expect(whole(fidelity.mapped) + whole(fidelity.dropped)).toBe(sent);
    for (const { reason } of fidelity.dropped) expect(reason).not.toBe('');
    const segments = naive(source).filter(([segment = '']) => kept.has(segment)).length;
    expect(fidelity.kept.reduce((total, { count }) => total + count, 0)).toBe(segments);
  });

  test.each(files)('%s: names, dates and numbers of the patient are in the record', (name) => {
    const { lines, entries } = read(name);
    const pid = lines.find(([segment]) => segment === 'PID') ?? [];
    const patient = entries.find(({ resource }) => resource.resourceType === 'Patient')?.resource as never as {
      name: { family?: string; given?: string[] }[];
      identifier: { value: string }[];
      birthDate?: string;
      gender?: string;
    };
    const [family = '', given = ''] = pid[5]?.split('~')[0]?.split('^') ?? [];
    expect(patient.name[0]?.family).toBe(family.split('&')[0]);
    if (given !== '') expect(patient.name[0]?.given).toContain(given.trim());
    const numbers = (pid[3] ?? '').split('~').map((each) => each.split('^')[0]);
    for (const number of numbers) expect(patient.identifier.map(({ value }) => value)).toContain(number);
    const born = (pid[7] ?? '').slice(0, 8);
    expect(patient.birthDate ?? '').toBe(born === '' ? '' : `${born.slice(0, 4)}-${born.slice(4, 6)}-${born.slice(6)}`);
    expect(patient.gender).toBe(pid[8] === 'M' ? 'male' : pid[8] === 'F' ? 'female' : undefined);
  });

  test.each(files.filter((name) => /ORU|OUL/.test(name)))(
    '%s: results have their codes, values, units and times',
    (name) => {
      const { lines, entries } = read(name);
      const observations = entries
        .map(({ resource }) => resource as never as { resourceType: string; code: { coding?: { code: string }[] } })
        .filter((each) => each.resourceType === 'Observation' && !JSON.stringify(each).includes('valueAttachment'));
      const obx = lines.filter(
        ([segment, , type, code]) => segment === 'OBX' && code && type !== 'ED' && type !== 'RP',
      );
      expect(observations).toHaveLength(obx.length);
      obx.forEach(([, , type, code = '', , value = '', unit = '', , , , , status, , , time = ''], at) => {
        const observation = observations[at] as never as {
          code: { coding: { code: string }[] };
          status: string;
          effectiveDateTime?: string;
          valueQuantity?: { value: number; unit: string };
          valueString?: string;
          valueCodeableConcept?: { coding?: { code: string; display?: string }[] };
        };
        expect(observation.code.coding[0]?.code).toBe(code.split('^')[0]);
        if (status === 'F') expect(observation.status).toBe('final');
        if (time !== '') expect(observation.effectiveDateTime?.replaceAll(/\D/g, '')).toContain(time.slice(0, 8));
        if (type === 'NM' && value !== '' && !value.includes('~')) {
          expect(observation.valueQuantity?.value).toBe(Number(value));
          if (unit !== '') expect(unit.split('^')).toContain(observation.valueQuantity?.unit);
        }
        if ((type === 'CE' || type === 'CWE') && !value.includes('~')) {
          const [sentCode = '', words = ''] = value.split('^');
          expect(observation.valueCodeableConcept?.coding?.map(({ code: own }) => own)).toContain(sentCode);
          if (words !== '') expect(JSON.stringify(observation.valueCodeableConcept)).toContain(JSON.stringify(words));
        }
        if ((type === 'TX' || type === 'ST') && value !== '' && !value.includes('\\')) {
          expect(observation.valueString?.replaceAll(/\s+/g, ' ')).toBe(value.replaceAll(/[\s^]+/g, ' ').trim());
        }
      });
    },
  );

  test('codes of diagnoses, allergies, procedures, vaccines and drugs are in the record', () => {
    const places: Readonly<Record<string, number>> = { DG1: 3, AL1: 3, PR1: 3, RXA: 5, PRB: 3, RXD: 2 };
    let seen = 0;
    for (const name of files) {
      const { lines, all } = read(name);
      for (const line of lines) {
        const field = line[places[line[0] ?? ''] ?? -1];
        const code = field?.split('^')[0]?.trim();
        if (!code) continue;
        seen++;
        expect(all, `${name} ${line[0]}`).toContain(`"code":${JSON.stringify(code)}`);
      }
    }
    expect(seen).toBeGreaterThan(40);
  });

  test('the original is in the transaction, byte for byte, and so is the Provenance', () => {
    const { entries, source } = read('LAB-ORU-1.hl7');
    const original = entries.find(({ resource }) => JSON.stringify(resource).includes('x-application/hl7-v2+er7'));
    const { content } = (original as Entry).resource as never as { content: { attachment: { data: string } }[] };
    expect(Buffer.from(content[0]?.attachment.data ?? '', 'base64').equals(source)).toBe(true);
    const provenance = entries.at(-1)?.resource as never as { resourceType: string; target: { reference: string }[] };
    expect(provenance.resourceType).toBe('Provenance');
    expect(provenance.target).toHaveLength(entries.length - 2);
  });

  test('the same message gives the same result, byte for byte', () => {
    for (const name of files) {
      const source = readFileSync(join(SAMPLES, name));
      const once = JSON.stringify(convertMessage(source, OPTIONS));
      expect(JSON.stringify(convertMessage(Buffer.from(source), OPTIONS))).toBe(once);
    }
  });

  test('a file of several messages becomes several transactions', async () => {
    const both = Buffer.concat([
      readFileSync(join(SAMPLES, 'LAB-ORM-1.hl7')),
      Buffer.from('\r\n'),
      readFileSync(join(SAMPLES, 'LAB-ORU-1.hl7')),
    ]);
    const { resources = [], fidelity } = await v2ToFhir.convert(both, OPTIONS);
    expect(resources).toHaveLength(2);
    expect(resources.some((bundle) => hasErrors(validate(bundle)))).toBe(false);
    expect(countsOf(fidelity).mapped).toBeGreaterThan(100);
  });
});
