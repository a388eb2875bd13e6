import type { CodeSystem, ValueSet } from '@meridian/fhir';
import { FORMULA_SYSTEM, FORMULAS, HERB_ROLES } from '../formula.ts';
import { HANDLINGS, HERBS } from '../herb.ts';
import { HERB_SYSTEM } from '../herb-id.ts';
import { ICD11_BUILT_IN, ICD11_NOTICE, ICD11_SYSTEM } from '../icd11.ts';
import { POINT_SYSTEM, POINTS } from '../point.ts';
import type { CodedTerm } from '../script.ts';
import {
  EXAMINATIONS,
  INSPECTION_ITEMS,
  LISTENING_ITEMS,
  OTHER_OBSERVATIONS,
  TEN_QUESTIONS,
} from '../terms/examination.ts';
import { PULSE_DEPTHS, PULSE_POSITIONS, PULSES } from '../terms/pulse.ts';
import { DISPENSED_FORMS, OUTCOMES, PRINCIPLES, PROCEDURES, SIDES, STIMULATIONS } from '../terms/therapy.ts';
import { COATING_COLOURS, COATING_QUALITIES, TONGUE_COLOURS, TONGUE_SHAPES } from '../terms/tongue.ts';
import { codeSystemUrl, PROFILES_VERSION, valueSetUrl } from './url.ts';

interface Table {
  title: string;
  terms: readonly CodedTerm[];
}

/** The tables that are both a code system and the value set of all its codes, by the id that the two share. */
const TABLES = {
  'tcm-examination': { title: 'The four examinations 四診', terms: EXAMINATIONS },
  'tcm-observation': { title: 'Other observations 其他', terms: OTHER_OBSERVATIONS },
  'tcm-inspection-item': { title: 'Items of inspection 望診項目', terms: INSPECTION_ITEMS },
  'tcm-listening-item': { title: 'Items of listening and smelling 聞診項目', terms: LISTENING_ITEMS },
  'tcm-ten-questions': { title: 'The ten questions 十問', terms: TEN_QUESTIONS },
  'tcm-tongue-colour': { title: 'Tongue body colour 舌色', terms: TONGUE_COLOURS },
  'tcm-tongue-shape': { title: 'Tongue body shape 舌形', terms: TONGUE_SHAPES },
  'tcm-coating-colour': { title: 'Tongue coating colour 苔色', terms: COATING_COLOURS },
  'tcm-coating-quality': { title: 'Tongue coating quality 苔質', terms: COATING_QUALITIES },
  'tcm-pulse': { title: 'The twenty-eight pulses 二十八脈', terms: PULSES },
  'tcm-pulse-position': { title: 'Pulse positions 寸關尺', terms: PULSE_POSITIONS },
  'tcm-pulse-depth': { title: 'Depth of pressing 取脈深淺', terms: PULSE_DEPTHS },
  'tcm-principle': { title: 'Treatment principles 治法', terms: PRINCIPLES },
  'tcm-herb-role': { title: 'Roles in a formula 君臣佐使', terms: HERB_ROLES },
  'tcm-handling': {
    title: 'Handling in decoction 煎煮法',
    terms: Object.entries(HANDLINGS).map(([code, names]) => ({ code, ...names })),
  },
  'tcm-form': { title: 'Dispensed form 劑型', terms: DISPENSED_FORMS },
  'tcm-procedure': { title: 'Treatments by hand 針灸推拿', terms: PROCEDURES },
  'tcm-side': { title: 'Side 側', terms: SIDES },
  'tcm-stimulation': { title: 'Stimulation 刺激方法', terms: STIMULATIONS },
  'tcm-outcome': { title: 'Outcome 療效', terms: OUTCOMES },
} as const satisfies Record<string, Table>;

/** The id of a table of coded terms. */
export type TableId = keyof typeof TABLES;

export interface Coding {
  system: string;
  code: string;
  display: string;
}

const byCode: ReadonlyMap<string, ReadonlyMap<string, CodedTerm>> = new Map(
  Object.entries(TABLES).map(([id, { terms }]) => [id, new Map(terms.map((term) => [term.code, term]))]),
);

/** A term of a table; undefined when the table has no such code. */
export function termOf(table: TableId, code: string): CodedTerm | undefined {
  return byCode.get(table)?.get(code);
}

/** The terms of a table, for lists to choose from. */
export function termsOf(table: TableId): readonly CodedTerm[] {
  return TABLES[table].terms;
}

/** The coding of a term. Throws a RangeError for a code that the table does not have. */
export function codingOf(table: TableId, code: string): Coding {
  const term = termOf(table, code);
  if (!term) throw new RangeError(`Use a code of ${table}; "${code.slice(0, 40)}" is none.`);
  return { system: codeSystemUrl(table), code, display: term.en };
}

/** A CodeableConcept of a term; its text is the name in 繁體中文. */
export function conceptOf(table: TableId, code: string): { coding: Coding[]; text: string } {
  return { coding: [codingOf(table, code)], text: termOf(table, code)?.zhHant ?? code };
}

const common = { version: PROFILES_VERSION, status: 'active', publisher: 'Meridian' } as const;

type Concept = { code: string; display: string; designation?: { language: string; value: string }[] };

function concept({ code, en, zhHant, zhHans }: CodedTerm): Concept {
  const designation = [
    { language: 'zh-Hant', value: zhHant },
    { language: 'zh-Hans', value: zhHans },
  ];
  return { code, display: en, designation };
}

function codeSystem(id: string, url: string, title: string, concepts: Concept[]) {
  const name = id.replace(/(^|-)([a-z])/g, (_, _dash: string, letter: string) => letter.toUpperCase());
  return {
    ...{ resourceType: 'CodeSystem' as const, id, url, ...common, name, title },
    ...{ caseSensitive: true, valueSet: valueSetUrl(id), content: 'complete' as const, count: concepts.length },
    concept: concepts,
  };
}

function valueSetOfAll(id: string, system: string, title: string) {
  const name = `${id.replace(/(^|-)([a-z])/g, (_, _dash: string, letter: string) => letter.toUpperCase())}Codes`;
  return {
    ...{ resourceType: 'ValueSet' as const, id, url: valueSetUrl(id), ...common, name, title },
    compose: { include: [{ system }] },
  };
}

/** The code systems of our profiles, those of herbs, formulas and points among them. */
export function tcmCodeSystems(): (CodeSystem & { id: string })[] {
  const tables = Object.entries(TABLES).map(([id, { title, terms }]) =>
    codeSystem(id, codeSystemUrl(id), title, terms.map(concept)),
  );
  const herbs = [...HERBS.values()].map((herb) => concept({ ...herb, code: herb.id }));
  const formulas = [...FORMULAS.values()].map((formula) => concept({ ...formula, code: formula.id }));
  const points = [...POINTS.values()].map((point) => concept({ ...point, en: `${point.code} ${point.pinyin}` }));
  return [
    ...tables,
    codeSystem('chinese-herb', HERB_SYSTEM, 'Chinese medicinal pieces 中藥飲片', herbs),
    codeSystem('chinese-formula', FORMULA_SYSTEM, 'Chinese classical formulas 方劑', formulas),
    codeSystem('acupuncture-point', POINT_SYSTEM, 'WHO acupuncture points 穴位', points),
  ];
}

/** The value sets of our profiles. */
export function tcmValueSets(): (ValueSet & { id: string })[] {
  const icd11 = [...ICD11_BUILT_IN.values()].map(({ code, title }) => ({ code, display: title }));
  return [
    ...Object.entries(TABLES).map(([id, { title }]) => valueSetOfAll(id, codeSystemUrl(id), title)),
    valueSetOfAll('chinese-herb', HERB_SYSTEM, 'Chinese medicinal pieces 中藥飲片'),
    valueSetOfAll('chinese-formula', FORMULA_SYSTEM, 'Chinese classical formulas 方劑'),
    valueSetOfAll('acupuncture-point', POINT_SYSTEM, 'WHO acupuncture points 穴位'),
    {
      ...{ resourceType: 'ValueSet', id: 'icd11-tm1', url: valueSetUrl('icd11-tm1'), ...common, name: 'Icd11Tm1' },
      title: 'ICD-11 chapter 26 module I: the codes that examples use',
      copyright: ICD11_NOTICE,
      compose: { include: [{ system: ICD11_SYSTEM, concept: icd11 }] },
    },
  ] as (ValueSet & { id: string })[];
}
