import type { Dosage, FhirResource, Observation, ObservationComponent, ObservationReferenceRange } from 'fhir/r4';
import type { IconName } from '../design/icon.tsx';
import type { Tint } from '../design/record-card.tsx';
import { containedMedication, isChineseMedicine } from './chinese-medicine.ts';
import {
  codeOf,
  conceptText,
  conceptTexts,
  inLanguage,
  periodStart,
  plain,
  quantityText,
  rangeText,
  referenceText,
  referenceTexts,
} from './words.ts';

/** How results differ from what is expected. */
export type Flag = 'high' | 'low' | 'critical' | 'abnormal';

/** One record in a line. */
export interface Summary {
  type: string;
  id: string;
  version: string;
  /** When it happened, as far as known: a FHIR date or dateTime; '' where nobody knows. */
  date: string;
  title: string;
  value: string;
  detail: string;
  flag: Flag | undefined;
  /** It belongs to Chinese medicine. */
  chinese: boolean;
}

/** What kind of thing a type is: for its colour, its icon and the filter it falls under. */
export interface Kind {
  tint: Tint;
  icon: IconName;
}

const KINDS: Readonly<Record<string, Kind>> = {
  Encounter: { tint: 'visit', icon: 'visit' },
  Appointment: { tint: 'visit', icon: 'visit' },
  EpisodeOfCare: { tint: 'visit', icon: 'visit' },
  CarePlan: { tint: 'visit', icon: 'visit' },
  Procedure: { tint: 'visit', icon: 'needle' },
  Immunization: { tint: 'medicine', icon: 'shield' },
  Observation: { tint: 'result', icon: 'flask' },
  DiagnosticReport: { tint: 'result', icon: 'chart' },
  ServiceRequest: { tint: 'result', icon: 'flask' },
  MedicationRequest: { tint: 'medicine', icon: 'pill' },
  MedicationStatement: { tint: 'medicine', icon: 'pill' },
  MedicationDispense: { tint: 'medicine', icon: 'pill' },
  MedicationAdministration: { tint: 'medicine', icon: 'pill' },
  Condition: { tint: 'condition', icon: 'heart' },
  FamilyMemberHistory: { tint: 'condition', icon: 'people' },
  AllergyIntolerance: { tint: 'safety', icon: 'alert' },
  Flag: { tint: 'safety', icon: 'alert' },
  DocumentReference: { tint: 'document', icon: 'record' },
  Composition: { tint: 'document', icon: 'record' },
};

export function kindOf(type: string): Kind {
  return KINDS[type] ?? { tint: 'document', icon: 'record' };
}

/** The line of a record, in the reader's language where the record says it in several. */
export function summaryOf(resource: FhirResource, locale: string): Summary {
  const { title = '', value = '', detail = '', flag } = describe(resource, locale);
  return {
    type: resource.resourceType,
    id: resource.id ?? '',
    version: resource.meta?.versionId ?? '1',
    date: dateOf(resource) ?? '',
    title,
    value,
    detail,
    flag,
    chinese: isChineseMedicine(resource),
  };
}

type Described = Partial<Pick<Summary, 'title' | 'value' | 'detail' | 'flag'>>;

function describe(resource: FhirResource, locale: string): Described {
  switch (resource.resourceType) {
    case 'Observation':
      return {
        title: conceptText(resource.code, locale),
        value: observationValue(resource, locale),
        detail: referenceTexts(resource.performer, locale),
        flag: flagOf(resource),
      };
    case 'Condition':
      return {
        title: conceptText(resource.code, locale),
        detail: referenceText(resource.recorder ?? resource.asserter, locale),
      };
    case 'MedicationRequest':
      return {
        title:
          conceptText(resource.medicationCodeableConcept ?? containedMedication(resource)?.code, locale) ||
          referenceText(resource.medicationReference, locale),
        detail: dosage(resource.dosageInstruction, locale) || referenceText(resource.requester, locale),
      };
    case 'MedicationStatement':
      return {
        title:
          conceptText(resource.medicationCodeableConcept, locale) ||
          referenceText(resource.medicationReference, locale),
        detail: dosage(resource.dosage, locale),
      };
    case 'AllergyIntolerance':
      return {
        title: conceptText(resource.code, locale),
        detail: conceptTexts(
          resource.reaction?.flatMap(({ manifestation }) => manifestation),
          locale,
        ),
      };
    case 'Encounter':
      return {
        title:
          conceptTexts(resource.reasonCode, locale) ||
          conceptTexts(resource.type, locale) ||
          plain(resource.class?.display),
        detail: [
          referenceText(resource.serviceProvider, locale),
          referenceTexts(
            resource.participant?.map(({ individual }) => individual),
            locale,
          ),
        ]
          .filter(Boolean)
          .join(' · '),
      };
    case 'DiagnosticReport':
      return {
        title: conceptText(resource.code, locale),
        detail: plain(resource.conclusion) || referenceTexts(resource.performer, locale),
      };
    case 'Immunization':
      return { title: conceptText(resource.vaccineCode, locale), detail: referenceText(resource.location, locale) };
    case 'Procedure':
      return {
        title: conceptText(resource.code, locale),
        detail: referenceTexts(
          resource.performer?.map(({ actor }) => actor),
          locale,
        ),
      };
    case 'DocumentReference':
      return {
        title:
          conceptText(resource.type, locale) || plain(resource.description ?? resource.content[0]?.attachment.title),
        detail: referenceTexts(resource.author, locale),
      };
    case 'Composition':
      return {
        title: plain(resource.title) || conceptText(resource.type, locale),
        detail: referenceTexts(resource.author, locale),
      };
    case 'ServiceRequest':
      return { title: conceptText(resource.code, locale), detail: referenceText(resource.requester, locale) };
    default:
      return { title: genericTitle(resource, locale) };
  }
}

/** The first of what most types are named by. */
function genericTitle(resource: FhirResource, locale: string): string {
  const { code, type, title, description } = resource as {
    code?: unknown;
    type?: unknown;
    title?: unknown;
    description?: unknown;
  };
  for (const candidate of [title, code, type, description]) {
    const one = Array.isArray(candidate) ? candidate[0] : candidate;
    if (typeof one === 'string' && one !== '') return inLanguage(plain(one), locale);
    if (typeof one === 'object' && one !== null && ('text' in one || 'coding' in one)) return conceptText(one, locale);
  }
  return '';
}

/** When the record's matter happened: clinical time first, the time of writing last. */
export function dateOf(resource: FhirResource): string | undefined {
  const from = resource as unknown as Record<string, unknown>;
  const fields = [
    'effectiveDateTime',
    'effectivePeriod',
    'performedDateTime',
    'performedPeriod',
    'occurrenceDateTime',
    'onsetDateTime',
  ];
  const more = [
    'period',
    'start',
    'authoredOn',
    'date',
    'recordedDate',
    'recorded',
    'dateAsserted',
    'issued',
    'created',
  ];
  for (const field of [...fields, ...more]) {
    const value = from[field];
    if (typeof value === 'string') return value;
    if (typeof value === 'object' && value !== null) {
      const start = periodStart(value);
      if (typeof start === 'string') return start;
    }
  }
  return resource.meta?.lastUpdated;
}

/** A result as text; a panel's parts are put together, blood pressure as is the custom. */
export function observationValue(observation: Observation, locale: string): string {
  const own = valueText(observation, locale);
  if (own !== '') return own;
  const parts = observation.component ?? [];
  const [systolic, diastolic] = ['8480-6', '8462-4'].map(
    (code) => parts.find((part) => codeOf(part.code) === code)?.valueQuantity,
  );
  if (systolic?.value !== undefined && diastolic?.value !== undefined) {
    return `${systolic.value}/${diastolic.value} ${plain(systolic.unit ?? '')}`.trim();
  }
  return parts.length > 3
    ? ''
    : parts
        .map((part) => valueText(part, locale))
        .filter(Boolean)
        .join(' · ');
}

/** Any of value[x] as text. */
export function valueText(from: Observation | ObservationComponent, locale: string): string {
  if (from.valueQuantity) return quantityText(from.valueQuantity, locale);
  if (from.valueCodeableConcept) return conceptText(from.valueCodeableConcept, locale);
  if (from.valueString !== undefined) return plain(from.valueString);
  if (from.valueInteger !== undefined) return from.valueInteger.toLocaleString(locale);
  if (from.valueBoolean !== undefined) return from.valueBoolean ? '✓' : '✗';
  if (from.valueRange) return rangeText(from.valueRange, locale);
  if (from.valueRatio)
    return `${quantityText(from.valueRatio.numerator, locale)} : ${quantityText(from.valueRatio.denominator, locale)}`;
  return plain(from.valueDateTime ?? from.valueTime ?? periodStart(from.valuePeriod));
}

export function referenceRangeText(ranges: readonly ObservationReferenceRange[] | undefined, locale: string): string {
  const range = ranges?.[0];
  return plain(range?.text) || rangeText(range, locale);
}

const FLAGS: Readonly<Record<string, Flag>> = {
  H: 'high',
  HU: 'high',
  L: 'low',
  LU: 'low',
  HH: 'critical',
  LL: 'critical',
  AA: 'critical',
  A: 'abnormal',
  POS: 'abnormal',
};

/** HL7 v3-ObservationInterpretation, as far as a line shows it. */
export function flagOf({ interpretation }: Pick<Observation, 'interpretation'>): Flag | undefined {
  return FLAGS[codeOf(interpretation?.[0]) ?? ''];
}

function dosage(instructions: readonly Dosage[] | undefined, locale: string): string {
  return (instructions ?? [])
    .map(({ text }) => inLanguage(plain(text), locale))
    .filter(Boolean)
    .join('; ');
}
