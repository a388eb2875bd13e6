import { ANALYTES, type Analyte, type AnalyteKey, type ReferenceRange } from '../body/analytes.ts';
import type { Body } from '../body/body.ts';
import { PANELS, type PanelKey } from '../body/panels.ts';
import { hl7, loinc, quantity, type Reference, snomed } from '../concept.ts';
import { organizationOf } from '../institutions/organizations.ts';
import { referenceTo } from './chart.ts';
import { rounded } from './observation.ts';
import type { Visit } from './visit.ts';

/**
 * Orders panels during a visit and files what the laboratory answers the same day: one ServiceRequest, one Observation
 * for each analyte, one DiagnosticReport for each panel. Returns the reported values.
 */
export function orderLaboratory(visit: Visit, body: Body, panels: Iterable<PanelKey>): ReadonlyMap<string, number> {
  const laboratory = organizationOf(visit.seed, 'laboratory');
  const keys = [...new Set(panels)];
  const order = visit.add('ServiceRequest', {
    status: 'completed',
    intent: 'order',
    category: [{ coding: [snomed('108252007', 'Laboratory procedure')] }],
    code: { text: keys.map((key) => `${PANELS[key].en} ${PANELS[key].zh}`).join('; ') },
    ...visit.context,
    authoredOn: visit.time(10),
    requester: visit.clinician,
    performer: [laboratory],
  });
  const reported = new Map<string, number>();
  for (const key of keys) {
    const results = PANELS[key].analytes.map((analyte) => report(visit, body, analyte, referenceTo(order), reported));
    visit.add('DiagnosticReport', {
      basedOn: [referenceTo(order)],
      status: 'final',
      category: [hl7('v2-0074', 'LAB', 'Laboratory')],
      code: { coding: [PANELS[key].code], text: `${PANELS[key].en} ${PANELS[key].zh}` },
      ...visit.context,
      effectiveDateTime: visit.time(15),
      issued: visit.time(300),
      performer: [laboratory],
      result: results,
    });
  }
  return reported;
}

function report(visit: Visit, body: Body, key: AnalyteKey, order: Reference, reported: Map<string, number>): Reference {
  const analyte: Analyte = ANALYTES[key];
  const value = rounded(analyte.measure(body, visit.day, visit.dice, reported), analyte.places);
  reported.set(key, value);
  const range = analyte.range(body);
  const resource = visit.add('Observation', {
    basedOn: [order],
    status: 'final',
    category: [hl7('observation-category', 'laboratory', 'Laboratory')],
    code: { coding: [analyte.loinc], text: `${analyte.en} ${analyte.zh}` },
    ...visit.context,
    effectiveDateTime: visit.time(15),
    issued: visit.time(300),
    performer: [organizationOf(visit.seed, 'laboratory')],
    valueQuantity: quantity(value, analyte.unit),
    interpretation: [interpretation(value, range)],
    referenceRange: [
      {
        ...(range.low === undefined ? {} : { low: quantity(range.low, analyte.unit) }),
        ...(range.high === undefined ? {} : { high: quantity(range.high, analyte.unit) }),
      },
    ],
  });
  return referenceTo(resource);
}

function interpretation(value: number, range: ReferenceRange) {
  if (range.low !== undefined && value < range.low) return hl7('v3-ObservationInterpretation', 'L', 'Low');
  if (range.high !== undefined && value > range.high) return hl7('v3-ObservationInterpretation', 'H', 'High');
  return hl7('v3-ObservationInterpretation', 'N', 'Normal');
}

/** The faecal immunochemical test of colorectal screening. Returns the Observation. */
export function reportFaecalBlood(visit: Visit, positive: boolean): Reference {
  const resource = visit.add('Observation', {
    status: 'final',
    category: [hl7('observation-category', 'laboratory', 'Laboratory')],
    code: {
      coding: [loinc('29771-3', 'Hemoglobin.gastrointestinal.lower [Presence] in Stool by Immunoassay')],
      text: 'Faecal immunochemical test 大便隱血測試',
    },
    ...visit.context,
    effectiveDateTime: visit.time(15),
    issued: visit.time(300),
    performer: [organizationOf(visit.seed, 'laboratory')],
    valueCodeableConcept: positive
      ? { coding: [snomed('10828004', 'Positive')], text: 'Positive 陽性' }
      : { coding: [snomed('260385009', 'Negative')], text: 'Negative 陰性' },
  });
  return referenceTo(resource);
}
