import { coding, concept, text } from './concepts.ts';
import { dateTime } from './dates.ts';
import { entityIdentifier, identifier, interpreter, place, practitioner } from './identifiers.ts';
import { wholeNumber } from './patient-map.ts';
import { extension, type Reading, type Rules, within } from './rules.ts';

const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';

/** A person and what they are to the visit. */
const participant = (code: string, display: string): Reading =>
  within('individual', practitioner, { type: [{ coding: [{ system: PARTICIPATION, code, display }] }] });

const location = (status?: string): Reading => within('location', place, status === undefined ? {} : { status });

/** PV1[Encounter]. Status and period end follow from the event (assembly of visits). */
export const PV1_ENCOUNTER: Rules = [
  [19, 'identifier[]', identifier('VN')],
  [50, 'identifier[]', identifier()],
  [2, 'class', coding('PatientClass[EncounterClass]')],
  [4, 'type[]', concept('AdmissionType')],
  [3, 'location[]', location('planned'), (segment) => segment.peek(2) === 'P'],
  [3, 'location[]', location('active'), (segment) => segment.peek(2) !== 'P'],
  [6, 'location[]', location('completed')],
  [11, 'location[]', location('active')],
  [42, 'location[]', location('reserved')],
  [43, 'location[]', location('completed')],
  [5, 'hospitalization.preAdmissionIdentifier', identifier()],
  [7, 'participant[]', participant('ATND', 'attender')],
  [8, 'participant[]', participant('REF', 'referrer')],
  [9, 'participant[]', participant('CON', 'consultant')],
  [17, 'participant[]', participant('ADM', 'admitter')],
  [52, 'participant[]', participant('PART', 'Participation')],
  [10, 'serviceType', concept('HospitalService')],
  [13, 'hospitalization.reAdmission', concept('ReadmissionIndicator')],
  [14, 'hospitalization.admitSource', concept()],
  [15, 'hospitalization.specialArrangement[]', concept('AmbulatoryStatus')],
  [16, 'hospitalization.specialCourtesy[]', concept()],
  [36, 'hospitalization.dischargeDisposition', concept()],
  [37, 'hospitalization.destination', place],
  [38, 'hospitalization.dietPreference[]', concept()],
  [44, 'period.start', dateTime],
  [45, 'period.end', dateTime],
];

/** PV2[Encounter]. */
export const PV2_ENCOUNTER: Rules = [
  [1, 'location[]', location('planned')],
  [3, 'reasonCode[]', concept()],
  [12, 'reasonCode[]', within('text', text)],
  [
    8,
    'extension[]',
    extension(
      'http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedStartDate',
      'valueDateTime',
      dateTime,
    ),
  ],
  [
    9,
    'extension[]',
    extension(
      'http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate',
      'valueDateTime',
      dateTime,
    ),
  ],
  [
    11,
    'length',
    (cell) => {
      const value = wholeNumber(cell.peek(1));
      if (value === undefined) return undefined;
      cell.take(1);
      return { value, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' };
    },
  ],
  [13, 'participant[]', participant('REF', 'referrer')],
  [25, 'priority', concept('EncounterPriority')],
  [
    38,
    'extension[]',
    extension(
      'http://hl7.org/fhir/StructureDefinition/encounter-modeOfArrival',
      'valueCoding',
      coding('ModeOfArrivalCode'),
    ),
  ],
];

/** DG1[Condition]. */
export const DG1_CONDITION: Rules = [
  [20, 'identifier[]', entityIdentifier()],
  [3, 'code', concept()],
  [4, 'code.text', text],
  [5, 'onsetDateTime', dateTime],
  [16, 'asserter', practitioner],
  [19, 'recordedDate', dateTime],
];

/** PRB (problem, PPR messages): HL7's guide has no map; by the names of the fields. */
export const PRB_CONDITION: Rules = [
  [3, 'code', concept()],
  [7, 'recordedDate', dateTime],
  [2, 'recordedDate', dateTime],
  [16, 'onsetDateTime', dateTime],
  [9, 'abatementDateTime', dateTime],
];

/** PR1[Procedure]. */
export const PR1_PROCEDURE: Rules = [
  [19, 'identifier[]', entityIdentifier()],
  [3, 'code', concept()],
  [4, 'code.text', text],
  [5, 'performedDateTime', dateTime],
  [6, 'category', concept()],
  [8, 'performer[]', performer('88189002', 'Anesthesiologist')],
  [11, 'performer[]', performer('304292004', 'Surgeon')],
  [12, 'performer[]', within('actor', practitioner)],
  [15, 'reasonCode[]', concept()],
  [23, 'location', place],
];

function performer(code: string, display: string): Reading {
  const coded = { coding: [{ system: 'http://snomed.info/sct', code, display }] };
  return within('actor', practitioner, { function: coded });
}

/** Who interpreted or transcribed a report (OBR-32 to 35). */
export const REPORT_PEOPLE: Rules = [
  [32, 'resultsInterpreter[]', interpreter],
  [33, 'resultsInterpreter[]', interpreter],
  [34, 'performer[]', interpreter],
];
