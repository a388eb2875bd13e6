import { PROBLEMS, type ProblemKey } from '../catalogue/problems.ts';
import { referenceTo } from '../chart/chart.ts';
import { diagnose } from '../chart/condition.ts';
import { fileReport } from '../chart/document.ts';
import { prescribe } from '../chart/medication.ts';
import { recordBloodPressure, recordVital } from '../chart/observation.ts';
import { type PROCEDURES, perform } from '../chart/procedure.ts';
import { snomed } from '../concept.ts';
import type { Day } from '../day.ts';
import type { Life } from '../life.ts';
import { dischargeSummary } from '../writing/notes.ts';
import type { Career } from './career.ts';

interface Injury {
  problem: ProblemKey;
  weight: (age: number) => number;
  heals: number;
  procedure?: keyof typeof PROCEDURES;
  /** Findings and conclusion of the X-ray. */
  xray?: readonly [string, string];
  admitted?: boolean;
}

const INJURIES: readonly Injury[] = [
  {
    problem: 'ankleSprain',
    weight: (age) => (age > 10 && age < 60 ? 6 : 1),
    heals: 28,
    xray: ['Soft tissue swelling over the lateral malleolus.', 'No fracture 沒有骨折.'],
  },
  { problem: 'forearmLaceration', weight: () => 4, heals: 14, procedure: 'suture' },
  {
    problem: 'radiusFracture',
    weight: (age) => (age < 16 ? 4 : age > 55 ? 4 : 1),
    heals: 45,
    procedure: 'immobilisation',
    xray: [
      'Transverse fracture of the distal radius with slight dorsal angulation.',
      'Fracture of the distal radius 橈骨遠端骨折.',
    ],
  },
  {
    problem: 'hipFracture',
    weight: (age) => (age > 78 ? 8 : age > 68 ? 2 : 0),
    heals: 120,
    procedure: 'hipReplacement',
    xray: ['Displaced fracture of the femoral neck.', 'Fracture of the neck of femur 股骨頸骨折.'],
    admitted: true,
  },
];

/** Falls and cuts, seen in the emergency department; a broken hip leads to an operation and a summary. */
export const injury: Career = {
  name: 'injury',
  begin(life) {
    const dice = life.dice(this.name);
    return {
      live(from: Day, to: Day) {
        if (!dice.happens(0.05 / 4)) return;
        const age = life.age(from);
        if (age < 2) return;
        suffer(
          life,
          dice.weighted(INJURIES.map((one) => [one, one.weight(age)] as const)),
          life.within(dice.whole(from, to - 1)),
          dice,
        );
      },
    };
  },
};

function suffer(life: Life, injury: Injury, day: Day, dice: ReturnType<Life['dice']>): void {
  const visit = life.visit(
    injury.admitted === true
      ? {
          scope: 'injury',
          kind: 'inpatient',
          day,
          nights: dice.whole(7, 14),
          place: life.hospital,
          discipline: 'orthopaedics',
          reason: PROBLEMS[injury.problem],
        }
      : {
          scope: 'injury',
          kind: 'emergency',
          day,
          place: life.hospital,
          discipline: 'emergency',
          reason: PROBLEMS[injury.problem],
        },
    dice,
  );
  recordBloodPressure(visit, life.body);
  recordVital(visit, 'heartRate', dice.normal(86, 9));
  const over = day + injury.heals;
  const condition = referenceTo(diagnose(visit, injury.problem, over <= life.end ? { abatement: over } : {}));
  if (injury.xray !== undefined)
    fileReport(visit, 'boneXray', life.colleague(life.hospital, 'radiology', dice), ...injury.xray);
  if (injury.procedure !== undefined) perform(visit, injury.procedure, 60, condition);
  if (life.age(day) >= 12) prescribe(visit, 'paracetamol', 7, condition);
  if (injury.admitted !== true) return;
  visit.add('ServiceRequest', {
    status: 'completed',
    intent: 'order',
    category: [{ coding: [snomed('91251008', 'Physical therapy procedure')] }],
    code: { coding: [snomed('91251008', 'Physical therapy procedure')], text: 'Physiotherapy 物理治療' },
    priority: 'routine',
    ...visit.context,
    authoredOn: visit.time(60),
    requester: visit.clinician,
    reasonReference: [condition],
  });
  visit.discharged('home');
  dischargeSummary(visit, life, {
    diagnosis: PROBLEMS[injury.problem],
    story: 'Fell at home; hip replacement on the second day; walking with a frame by the fifth.',
    storyZh: '家中跌倒，入院第二天接受髖關節置換手術，第五天可用助行架步行。',
    plan: 'Physiotherapy; orthopaedic clinic in six weeks; falls prevention at home.',
    planZh: '物理治療，六星期後骨科覆診，家居防跌。',
  });
}
