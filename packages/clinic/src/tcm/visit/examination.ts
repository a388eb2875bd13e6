import type { Resource } from '@meridian/fhir';
import { codingOf, conceptOf } from '../profile/code-systems.ts';
import { codeSystemUrl, EXTENSION, PROFILE } from '../profile/url.ts';
import type { LISTENING_ITEMS, TEN_QUESTIONS } from '../terms/examination.ts';
import type { PULSE_DEPTHS, PULSE_POSITIONS, PULSES } from '../terms/pulse.ts';
import type { COATING_COLOURS, COATING_QUALITIES, TONGUE_COLOURS, TONGUE_SHAPES } from '../terms/tongue.ts';
import type { VisitContext } from './context.ts';
import { codeIn, extensionsOf, objectsOf, textOf } from './json.ts';

type CodeOf<T extends readonly { code: string }[]> = T[number]['code'];
export type PulseName = CodeOf<typeof PULSES>;
export type PulsePosition = CodeOf<typeof PULSE_POSITIONS>;
export type PulseDepth = CodeOf<typeof PULSE_DEPTHS>;
export type Question = CodeOf<typeof TEN_QUESTIONS>;

/** The tongue in its body and coating. */
export interface Tongue {
  colour?: CodeOf<typeof TONGUE_COLOURS>;
  shapes?: CodeOf<typeof TONGUE_SHAPES>[];
  coatingColours?: CodeOf<typeof COATING_COLOURS>[];
  coatingQualities?: CodeOf<typeof COATING_QUALITIES>[];
}

/** One pulse image where, and how deep, it was felt. A compound pulse (弦滑) is two images at one position. */
export interface PulseFinding {
  position: PulsePosition;
  pulse: PulseName;
  depth?: PulseDepth;
}

/** What the four examinations found; a part that was not done is left out. */
export interface FourExaminations {
  tongue?: Tongue;
  listening?: Partial<Record<CodeOf<typeof LISTENING_ITEMS>, string>>;
  inquiry?: Partial<Record<Question, string>>;
  pulses?: PulseFinding[];
}

/** The four examinations as Observations of our profiles. Throws a RangeError for a code outside the tables. */
export function examinationResources(found: FourExaminations, context: VisitContext): Resource[] {
  const { tongue, listening = {}, inquiry = {}, pulses = [] } = found;
  return [
    observation('inspection', PROFILE.inspection, tongue ? tongueComponents(tongue) : [], context),
    observation('listening-smelling', PROFILE.listeningSmelling, worded('tcm-listening-item', listening), context),
    observation('inquiry', PROFILE.inquiry, worded('tcm-ten-questions', inquiry), context),
    observation('palpation', PROFILE.palpation, pulses.map(pulseComponent), context),
  ].flatMap((resource) => resource ?? []);
}

function observation(code: string, profile: string, component: object[], context: VisitContext): Resource | undefined {
  if (component.length === 0) return undefined;
  const { patient, encounter, practitioner, at, newId } = context;
  return {
    ...{ resourceType: 'Observation', id: newId(), meta: { profile: [profile] }, status: 'final' },
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'exam', display: 'Exam' },
        ],
      },
    ],
    code: conceptOf('tcm-examination', code),
    ...{ subject: patient, encounter, effectiveDateTime: at, performer: [practitioner], component },
  };
}

function tongueComponents({ colour, shapes = [], coatingColours = [], coatingQualities = [] }: Tongue): object[] {
  const component = (item: string, table: Parameters<typeof conceptOf>[0], code: string) => ({
    code: conceptOf('tcm-inspection-item', item),
    valueCodeableConcept: conceptOf(table, code),
  });
  return [
    ...(colour === undefined ? [] : [component('tongue-colour', 'tcm-tongue-colour', colour)]),
    ...shapes.map((shape) => component('tongue-shape', 'tcm-tongue-shape', shape)),
    ...coatingColours.map((each) => component('coating-colour', 'tcm-coating-colour', each)),
    ...coatingQualities.map((each) => component('coating-quality', 'tcm-coating-quality', each)),
  ];
}

function worded(table: 'tcm-listening-item' | 'tcm-ten-questions', answers: Partial<Record<string, string>>): object[] {
  return Object.entries(answers).flatMap(([code, valueString]) =>
    valueString === undefined ? [] : [{ code: conceptOf(table, code), valueString }],
  );
}

function pulseComponent({ position, pulse, depth }: PulseFinding): object {
  const extension = [{ url: EXTENSION.pulseDepth, valueCoding: depth && codingOf('tcm-pulse-depth', depth) }];
  return {
    ...(depth === undefined ? {} : { extension }),
    code: conceptOf('tcm-pulse-position', position),
    valueCodeableConcept: conceptOf('tcm-pulse', pulse),
  };
}

/** Reads the four examinations back from Observations; what is not of our code systems is passed over. */
export function readExaminations(resources: readonly Resource[]): FourExaminations {
  const found: FourExaminations = {};
  for (const resource of resources) {
    if (resource.resourceType !== 'Observation') continue;
    const components = objectsOf(resource.component);
    const code = codeIn(resource.code, codeSystemUrl('tcm-examination'));
    if (code === 'inspection') found.tongue = readTongue(components);
    else if (code === 'listening-smelling') found.listening = readWorded('tcm-listening-item', components);
    else if (code === 'inquiry') found.inquiry = readWorded('tcm-ten-questions', components);
    else if (code === 'palpation') found.pulses = components.flatMap(readPulse);
  }
  return found;
}

type Json = Record<string, unknown>;

function readTongue(components: Json[]): Tongue {
  const values = <Code extends string>(item: string, table: string): Code[] =>
    components
      .filter(({ code }) => codeIn(code, codeSystemUrl('tcm-inspection-item')) === item)
      .flatMap((component) => (codeIn(component.valueCodeableConcept, codeSystemUrl(table)) as Code | undefined) ?? []);
  const [colour] = values<CodeOf<typeof TONGUE_COLOURS>>('tongue-colour', 'tcm-tongue-colour');
  const shapes = values<CodeOf<typeof TONGUE_SHAPES>>('tongue-shape', 'tcm-tongue-shape');
  const coatingColours = values<CodeOf<typeof COATING_COLOURS>>('coating-colour', 'tcm-coating-colour');
  const coatingQualities = values<CodeOf<typeof COATING_QUALITIES>>('coating-quality', 'tcm-coating-quality');
  return {
    ...(colour === undefined ? {} : { colour }),
    ...(shapes.length === 0 ? {} : { shapes }),
    ...(coatingColours.length === 0 ? {} : { coatingColours }),
    ...(coatingQualities.length === 0 ? {} : { coatingQualities }),
  };
}

function readWorded(table: string, components: Json[]): Record<string, string> {
  return Object.fromEntries(
    components.flatMap(({ code, valueString }) => {
      const item = codeIn(code, codeSystemUrl(table));
      const answer = textOf(valueString);
      return item === undefined || answer === undefined ? [] : [[item, answer]];
    }),
  );
}

function readPulse(component: Json): PulseFinding[] {
  const position = codeIn(component.code, codeSystemUrl('tcm-pulse-position')) as PulsePosition | undefined;
  const pulse = codeIn(component.valueCodeableConcept, codeSystemUrl('tcm-pulse')) as PulseName | undefined;
  const [extension] = extensionsOf(component, EXTENSION.pulseDepth);
  const depth = codeIn(extension?.valueCoding, codeSystemUrl('tcm-pulse-depth')) as PulseDepth | undefined;
  if (position === undefined || pulse === undefined) return [];
  return [{ position, pulse, ...(depth === undefined ? {} : { depth }) }];
}
