import type { Resource } from '@meridian/fhir';
import type { VisitContext } from '../visit/context.ts';
import { herbsOfFormula } from '../visit/formula-prescription.ts';
import { tcmVisit } from '../visit/visit.ts';

/** A visit with ids that say what each resource is an example of. */
function context(name: string, at: string): VisitContext {
  let count = 0;
  return {
    patient: { reference: 'Patient/example' },
    encounter: { reference: `Encounter/${name}` },
    practitioner: { reference: 'Practitioner/example', display: '示範中醫師' },
    at,
    newId: () => `${name}-${++count}`,
  };
}

/** 不寐: insomnia of heart-spleen deficiency; Gui Pi Tang as raw pieces, and acupuncture. */
function insomnia(): Resource[] {
  return tcmVisit({
    ...context('insomnia', '2026-03-02T10:15:00+08:00'),
    examinations: {
      tongue: {
        colour: 'pale',
        shapes: ['tooth-marked'],
        coatingColours: ['white'],
        coatingQualities: ['thin'],
      },
      listening: { voice: '語聲低微' },
      inquiry: { 'cold-heat': '不惡寒', diet: '納差', 'stool-urine': '便溏', 'head-body': '頭暈，心悸，多夢易醒' },
      pulses: [
        { position: 'left-cun', pulse: 'thready', depth: 'superficial' },
        { position: 'left-cun', pulse: 'weak', depth: 'deep' },
        { position: 'right-guan', pulse: 'weak' },
      ],
    },
    diagnosis: {
      disorder: 'SD84',
      patterns: ['SF6J'],
      western: [{ system: 'http://snomed.info/sct', code: '193462001', display: 'Insomnia' }],
      text: '不寐・心脾兩虛證 Insomnia',
    },
    principle: { code: 'nourish-heart-spleen' },
    prescriptions: [
      {
        formula: 'guipitang',
        name: '歸脾湯加減',
        form: 'raw',
        herbs: [
          ...herbsOfFormula('guipitang'),
          { herb: 'shouwuteng', name: '首烏藤', dose: { value: 15, unit: 'g' }, role: 'assistant' },
        ],
        packs: 7,
        packsPerDay: 1,
        decoction: { water: 1000, minutes: 30, times: 2, volume: 250 },
        instruction: '每日一劑，水煎，早晚飯後溫服。',
      },
    ],
    treatments: [
      {
        procedure: 'acupuncture',
        points: [
          { point: 'HT7', side: 'both', depth: 10, stimulation: 'reinforcing', retention: 25 },
          { point: 'SP6', side: 'both', depth: 25, stimulation: 'reinforcing', retention: 25 },
          { point: 'EX-HN1', side: 'midline', depth: 12, stimulation: 'even', retention: 25 },
        ],
      },
    ],
  });
}

/** 腰痛: low back pain of kidney yang deficiency with stasis; moxibustion, cupping and tuina, granules, outcome. */
function backPain(): Resource[] {
  return tcmVisit({
    ...context('back-pain', '2026-03-09T16:40:00+08:00'),
    examinations: {
      tongue: { colour: 'purple', coatingColours: ['white'], coatingQualities: ['thin', 'slippery'] },
      inquiry: { 'cold-heat': '畏寒，腰部冷痛', cause: '久坐勞損' },
      pulses: [
        { position: 'left-chi', pulse: 'deep', depth: 'deep' },
        { position: 'both', pulse: 'rough' },
      ],
    },
    diagnosis: {
      disorder: 'SC61',
      patterns: ['SF97', 'SF01'],
      western: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'M54.5', display: 'Low back pain' }],
      text: '腰痛・腎陽虛兼血瘀證 Low back pain',
    },
    principle: { code: 'dispel-wind-damp' },
    prescriptions: [
      {
        formula: 'duhuojishengtang',
        name: '獨活寄生湯（顆粒）',
        form: 'granules',
        herbs: [
          { herb: 'duhuo', name: '獨活', dose: { value: 1.8, unit: 'g' }, role: 'sovereign', granuleEquivalence: 5 },
          {
            herb: 'sangjisheng',
            name: '桑寄生',
            dose: { value: 2, unit: 'g' },
            role: 'minister',
            granuleEquivalence: 5,
          },
          { herb: 'duzhong', name: '杜仲', dose: { value: 2, unit: 'g' }, role: 'minister', granuleEquivalence: 5 },
        ],
        packs: 10,
        packsPerDay: 2,
        instruction: '每次一包，每日兩次，溫水沖服。',
      },
    ],
    treatments: [
      {
        procedure: 'moxibustion',
        points: [{ point: 'GV4', side: 'midline', stimulation: 'moxa-stick', retention: 15 }],
      },
      { procedure: 'cupping', points: [{ point: 'BL23', side: 'both', stimulation: 'retained-cup', retention: 10 }] },
      { procedure: 'tuina', points: [], sites: ['腰骶部'] },
    ],
    outcome: 'better',
  });
}

/** Examples of every profile, made by the builders. */
export function tcmExamples(): Resource[] {
  return [...insomnia(), ...backPain()];
}
