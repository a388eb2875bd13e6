import type { Resource } from '@meridian/fhir';
import type { PanelKey } from './body/panels.ts';
import type { Course, FollowUp } from './careers/career.ts';
import { CAREERS } from './careers.ts';
import type { Dice } from './chance/dice.ts';
import { orderLaboratory } from './chart/laboratory.ts';
import { recordBloodPressure, recordVital } from './chart/observation.ts';
import type { Visit } from './chart/visit.ts';
import { hl7 } from './concept.ts';
import { type Day, isoInstant, workingDay } from './day.ts';
import { organizationOf } from './institutions/organizations.ts';
import { type Practitioner, practitionerReference } from './institutions/practitioners.ts';
import { Life } from './life.ts';
import type { Window } from './options.ts';
import { householdOf } from './people/household.ts';
import { patientResource, relatedPersons } from './people/patient.ts';
import { reviewNote } from './writing/notes.ts';

const QUARTER = 91;

/** Follow-ups come every second quarter; every third of them is a full review. */
const FOLLOW_UP = 2;
const REVIEW = 3;

/** The record of the patient at `index`: the Patient first, then the rest in order of time, quarter by quarter. */
export function recordOf(
  seed: number,
  index: number,
  patients: number,
  window: Window,
  colleagues: readonly Practitioner[],
): Resource[] {
  const household = householdOf(seed, index, patients, window.until);
  const person = household.members.find((member) => member.index === index)!;
  const life = new Life(seed, person, household, window, colleagues);
  const dice = life.dice('follow-up');
  const doctor = life.colleague(life.clinic, 'generalPractice', dice);
  liveThrough(life, dice);
  const clinic = organizationOf(seed, life.clinic);
  const patient = patientResource(seed, person, household, life.died, clinic, practitionerReference(doctor));
  return [patient, ...relatedPersons(seed, person, household), ...life.chart.resources];
}

function liveThrough(life: Life, dice: Dice): void {
  const bodyDice = life.dice('body');
  const courses = CAREERS.flatMap((career) => career.begin(life) ?? []);
  let followUps = 0;
  let last: Visit | undefined;
  for (let from = life.start, quarter = 0; from <= life.end; from += QUARTER, quarter++) {
    const to = Math.min(from + QUARTER, life.end + 1);
    life.body.advance(bodyDice);
    for (const course of courses) course.live?.(from, to);
    const dying = life.died !== undefined && life.died < to;
    if (
      !dying &&
      quarter % FOLLOW_UP === 1 &&
      to - from > 80 &&
      courses.some((course) => course.followed?.() === true)
    ) {
      last = followUp(life, courses, life.workday(from + dice.whole(60, 80)), followUps++ % REVIEW === 0, dice);
    }
  }
  if (last === undefined || life.died !== undefined) return;
  life.regimen.reconcile(last);
  bookNext(life, last, dice);
}

/** The shared visit: every chronic illness says its part, then what they need is ordered once. */
function followUp(life: Life, courses: readonly Course[], day: Day, review: boolean, dice: Dice): Visit {
  const visit = life.visit(
    { scope: 'follow-up', kind: 'followUp', day, place: life.clinic, discipline: 'generalPractice' },
    dice,
  );
  if (life.age(day) >= 18) recordBloodPressure(visit, life.body);
  recordVital(visit, 'weight', life.body.weight(day));
  const panels = new Set<PanelKey>();
  const need = (...asked: PanelKey[]) => {
    for (const panel of asked) panels.add(panel);
  };
  const occasion: FollowUp = { visit, review, need };
  for (const course of courses) course.attend?.(occasion);
  if (panels.size === 0) return visit;
  const results = orderLaboratory(visit, life.body, panels);
  if (dice.happens(0.5)) reviewNote(visit, life, results);
  return visit;
}

/** The next follow-up as a booked Appointment: the only thing in a record that lies after today. */
function bookNext(life: Life, last: Visit, dice: Dice): void {
  const day = workingDay(Math.max(last.day + 182, life.until + dice.whole(3, 60)));
  const minute = 9 * 60 + dice.whole(0, 30) * 15;
  const accepted = (actor: { reference: string }) => ({ actor, status: 'accepted' });
  life.chart.add('follow-up', 'Appointment', {
    status: 'booked',
    appointmentType: hl7('v2-0276', 'FOLLOWUP', 'A follow up visit from a previous appointment'),
    description: 'Follow-up 覆診',
    start: isoInstant(day, minute),
    end: isoInstant(day, minute + 15),
    created: last.time(20),
    participant: [accepted(life.chart.subject), accepted(practitionerReference(last.practitioner))],
  });
}
