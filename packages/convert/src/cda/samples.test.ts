import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type Resource, validate } from '@meridian/fhir';
import { describe, expect, it } from 'vitest';
import type { ConversionResult } from '../evidence/converter.ts';
import { cdaToFhir } from './cda-to-fhir.ts';

const SAMPLES = new URL('../../../../../shared/data/samples/ccda/', import.meta.url);
const hasSamples = existsSync(SAMPLES);

function filesIn(folder: string): string[] {
  return hasSamples ? readdirSync(new URL(folder, SAMPLES)).sort() : [];
}

function convert(source: Uint8Array): { resources: readonly Resource[]; result: ConversionResult } {
  const result = cdaToFhir.convert(source, {});
  return { resources: result.resources ?? [], result };
}

/** A section fragment inside the smallest document. */
function wrapped(fragment: string): Uint8Array {
  const inner = fragment.replace(/<!--.*?-->|<\?.*?\?>/gs, '');
  const isHeader = inner.includes('<recordTarget');
  const hasSection = inner.includes('<section');
  const sections = inner.slice(inner.indexOf('<section'), inner.lastIndexOf('</section>') + '</section>'.length);
  const section = `<component>${hasSection ? sections : `<section><entry>${inner}</entry></section>`}</component>`;
  const patient = '<recordTarget><patientRole><id root="1.2.3" extension="x"/></patientRole></recordTarget>';
  const body = isHeader ? inner : `${patient}<component><structuredBody>${section}</structuredBody></component>`;
  return Buffer.from(
    `<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdtc="urn:hl7-org:sdtc">${body}</ClinicalDocument>`,
  );
}

/** Everything the naive reader below looks for, as one text. */
function told(resources: readonly Resource[]): string {
  return JSON.stringify(
    resources.filter(({ resourceType }) => resourceType !== 'Binary' && resourceType !== 'Composition'),
  );
}

/** Reads attributes of a tag with regular expressions alone, without the parser that is tested. */
function attributesOf(tag: string): Record<string, string> {
  return Object.fromEntries(
    [...tag.matchAll(/([\w:]+)\s*=\s*"([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** The text of each statement that names this template, up to the end of the statement. */
function statementsWith(xml: string, template: string, element: string): string[] {
  const found: string[] = [];
  const places = xml.matchAll(
    new RegExp(`<templateId[^>]*root="2\\.16\\.840\\.1\\.113883\\.10\\.20\\.${template.replaceAll('.', '\\.')}"`, 'g'),
  );
  let last = -1;
  for (const { index } of places) {
    const start = xml.lastIndexOf(`<${element}`, index);
    if (start < 0 || start === last) continue;
    if (/<(?:entryRelationship|participant|organizer|act)\b/.test(xml.slice(start, index))) continue;
    last = start;
    found.push(xml.slice(start, xml.indexOf(`</${element}>`, start)));
  }
  return found;
}

describe.skipIf(!hasSamples)('C-CDA samples (needs the shared sample documents)', () => {
  it.each(filesIn('documents/'))('%s goes in whole and valid', (name) => {
    const bytes = readFileSync(new URL(`documents/${name}`, SAMPLES));
    const { resources, result } = convert(bytes);
    const problems = resources.flatMap((resource) =>
      validate(resource)
        .filter(({ severity }) => severity === 'error')
        .map(({ expression, diagnostics }) => `${expression?.[0]}: ${diagnostics}`),
    );
    expect(problems).toEqual([]);
    const xml = bytes.toString('utf8').replace(/<!--.*?-->/gs, '');
    const entries = (xml.match(/<entry[\s>]/g) ?? []).length;
    const counted = [...result.fidelity.mapped, ...result.fidelity.kept].filter(({ path }) =>
      /^component\/section\[[^\]]*\]\/entry$/.test(path),
    );
    expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(entries);
    const sections = (xml.match(/<section[\s>]/g) ?? []).length;
    const countedSections = result.fidelity.mapped.filter(({ path }) => /^component\/section\[[^\]]*\]$/.test(path));
    expect(countedSections.reduce((sum, { count }) => sum + count, 0)).toBe(sections);
    expect(result.fidelity.dropped).toEqual([]);
  });

  it.each(filesIn('documents/'))('%s: facts as a naive reader finds them', (name) => {
    const bytes = readFileSync(new URL(`documents/${name}`, SAMPLES));
    const { resources } = convert(bytes);
    const xml = bytes.toString('utf8').replace(/<!--.*?-->/gs, '');
    const all = told(resources);
    const patient = resources.find(({ resourceType }) => resourceType === 'Patient');
    const role = xml.slice(xml.indexOf('<patientRole'), xml.indexOf('</patientRole>'));
    for (const [, text = ''] of role
      .slice(0, role.indexOf('<guardian') >>> 0)
      .matchAll(/<(?:given|family)[^>]*>\s*([^<&]+?)\s*</g))
      expect(JSON.stringify(patient?.name)).toContain(text);
    const born = attributesOf(/<birthTime[^>]*>/.exec(role)?.[0] ?? '').value;
    if (born) expect(String(patient?.birthDate).replaceAll('-', '')).toBe(born.slice(0, 8));

    for (const template of ['22.4.2', '22.4.27'])
      for (const statement of statementsWith(xml, template, 'observation')) {
        const code = attributesOf(/<code\b[^>]*>/.exec(statement)?.[0] ?? '').code;
        const value = attributesOf(/<value\b[^>]*>/.exec(statement)?.[0] ?? '');
        if (!code || value['xsi:type'] !== 'PQ' || !value.value || !/^[-\d.]+$/.test(value.value)) continue;
        const match = resources.some(
          (resource) =>
            JSON.stringify(resource.code ?? '').includes(`"${code}"`) &&
            (resource.valueQuantity as { value?: number } | undefined)?.value === Number(value.value) &&
            [undefined, value.unit].includes((resource.valueQuantity as { unit?: string }).unit),
        );
        expect(match, `${code} ${value.value}`).toBe(true);
      }

    for (const [template, element] of [
      ['22.4.23', 'manufacturedProduct'],
      ['22.4.54', 'manufacturedProduct'],
    ] as const)
      for (const statement of statementsWith(xml, template, element)) {
        const { code } = attributesOf(/<code\b[^>]*>/.exec(statement)?.[0] ?? '');
        if (code) expect(all).toContain(`"${code}"`);
      }
    for (const statement of statementsWith(xml, '22.4.4', 'observation')) {
      const { code } = attributesOf(/<value\b[^>]*>/.exec(statement)?.[0] ?? '');
      if (code) expect(all).toContain(`"${code}"`);
    }
  });

  it.each(filesIn('sections/'))('section %s goes in valid', (name) => {
    const source = wrapped(readFileSync(new URL(`sections/${name}`, SAMPLES), 'utf8'));
    const { resources } = convert(source);
    const problems = resources.flatMap((resource) => validate(resource).filter(({ severity }) => severity === 'error'));
    expect(problems).toEqual([]);
    const composition = resources.find(({ resourceType }) => resourceType === 'Composition');
    if (source.toString().includes('structuredBody')) expect(composition?.section).toBeDefined();
  });

  it('is the same, byte for byte, every time', () => {
    const bytes = readFileSync(new URL('documents/hl7-CCD.XML', SAMPLES));
    expect(JSON.stringify(convert(bytes).resources)).toBe(JSON.stringify(convert(bytes).resources));
  });
});
