import type { Coding } from '@meridian/fhir';
import { type JsonDataSet, jsonText } from './json-model.ts';

/** Coding schemes (PS3.16 §8, table 8-1) as FHIR knows them. */
const SYSTEMS: Readonly<Record<string, string>> = {
  DCM: 'http://dicom.nema.org/resources/ontology/DCM',
  SCT: 'http://snomed.info/sct',
  SRT: 'http://snomed.info/srt',
  LN: 'http://loinc.org',
  UCUM: 'http://unitsofmeasure.org',
  RADLEX: 'http://www.radlex.org',
  I10: 'http://hl7.org/fhir/sid/icd-10',
  I10C: 'http://hl7.org/fhir/sid/icd-10-cm',
  NCIt: 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl',
  ACR: 'urn:oid:2.16.840.1.113883.6.76',
};

/** A coded concept (PS3.3 §8) as a Coding; undefined where it has neither code nor meaning. */
export function codingOf(item: JsonDataSet | undefined): Coding | undefined {
  if (item === undefined) return undefined;
  const code = jsonText(item, '00080100') ?? jsonText(item, '00080119') ?? jsonText(item, '00080120');
  const scheme = jsonText(item, '00080102');
  const display = jsonText(item, '00080104');
  if (code === undefined && display === undefined) return undefined;
  const system = scheme === undefined ? undefined : systemOf(scheme);
  return {
    ...(system !== undefined && { system }),
    ...(code !== undefined && { code }),
    ...(display !== undefined && { display }),
  };
}

/** Schemes of a site stay what they are: named, and no system of somebody else's. */
function systemOf(scheme: string): string | undefined {
  return SYSTEMS[scheme] ?? (/^[\w.-]{1,16}$/.test(scheme) ? `urn:dicom:scheme:${scheme}` : undefined);
}

/** A modality (CID 29) as a Coding. */
export function modalityCoding(code: string): Coding {
  return { system: SYSTEMS.DCM as string, code };
}
