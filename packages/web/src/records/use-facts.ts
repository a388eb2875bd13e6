import { useLingui } from '@lingui/react/macro';
import type { Dosage, FhirResource } from 'fhir/r4';
import { useFormat } from '../i18n/format.ts';
import { containedMedication, herbsOf, pointsOf } from './chinese-medicine.ts';
import { useCodeNames } from './code-names.ts';
import type { Fact } from './facts.tsx';
import {
  codeOf,
  conceptText,
  conceptTexts,
  noteTexts,
  plain,
  quantityText,
  referenceText,
  referenceTexts,
  TEXT,
} from './words.ts';

/** The facts of the common types; undefined for a type that has no list of its own. */
export function useFacts(resource: FhirResource): readonly Fact[] | undefined {
  const { t, i18n } = useLingui();
  const format = useFormat();
  const name = useCodeNames();
  const locale = i18n.locale;
  const concept = (value: Parameters<typeof conceptText>[0]) => conceptText(value, locale);
  const notes = (value: Parameters<typeof noteTexts>[0]): Fact => [t`Notes`, noteTexts(value).join('\n\n')];
  const dosages = (value: readonly Dosage[] | undefined) =>
    (value ?? [])
      .map(({ text }) => plain(text))
      .filter(Boolean)
      .join('\n');
  const span = (from: string | undefined, to: string | undefined) =>
    to === undefined ? format.dateTime(from) : `${format.dateTime(from)} – ${format.dateTime(to)}`;
  switch (resource.resourceType) {
    case 'Condition':
      return [
        [t`State`, name(codeOf(resource.clinicalStatus))],
        [t`How sure`, name(codeOf(resource.verificationStatus))],
        [t`Severity`, concept(resource.severity)],
        [t`Where in the body`, conceptTexts(resource.bodySite, locale)],
        [t`Began`, format.date(resource.onsetDateTime)],
        [t`Ended`, format.date(resource.abatementDateTime)],
        [t`Written down`, format.date(resource.recordedDate)],
        [t`By`, referenceText(resource.recorder ?? resource.asserter, locale)],
        notes(resource.note),
      ];
    case 'MedicationRequest':
      return [
        [t`State`, name(resource.status)],
        [t`Herbs`, herbsOf(containedMedication(resource), locale).join('\n')],
        [t`How to take it`, dosages(resource.dosageInstruction)],
        [t`For`, conceptTexts(resource.reasonCode, locale)],
        [t`Prescribed`, format.dateTime(resource.authoredOn)],
        [t`By`, referenceText(resource.requester, locale)],
        [t`Lasts`, quantityText(resource.dispenseRequest?.expectedSupplyDuration, locale)],
        [
          t`Valid`,
          span(resource.dispenseRequest?.validityPeriod?.start, resource.dispenseRequest?.validityPeriod?.end),
        ],
        [t`Dispensed at`, referenceText(resource.dispenseRequest?.performer, locale)],
        notes(resource.note),
      ];
    case 'MedicationStatement':
      return [
        [t`State`, name(resource.status)],
        [t`How it is taken`, dosages(resource.dosage)],
        [t`Since`, format.date(resource.effectiveDateTime ?? resource.effectivePeriod?.start)],
        [t`For`, conceptTexts(resource.reasonCode, locale)],
        [t`Told by`, referenceText(resource.informationSource, locale)],
        notes(resource.note),
      ];
    case 'AllergyIntolerance':
      return [
        [t`State`, name(codeOf(resource.clinicalStatus))],
        [t`How sure`, name(codeOf(resource.verificationStatus))],
        [t`Danger`, name(resource.criticality)],
        [
          t`Reactions`,
          conceptTexts(
            resource.reaction?.flatMap(({ manifestation }) => manifestation),
            locale,
          ),
        ],
        [t`Severity`, name(resource.reaction?.[0]?.severity)],
        [t`Written down`, format.date(resource.recordedDate)],
        [t`By`, referenceText(resource.recorder ?? resource.asserter, locale)],
        notes(resource.note),
      ];
    case 'Encounter':
      return [
        [t`State`, name(resource.status)],
        [t`Kind`, conceptTexts(resource.type, locale) || name(resource.class?.code)],
        [t`When`, span(resource.period?.start, resource.period?.end)],
        [t`Why`, conceptTexts(resource.reasonCode, locale)],
        [t`Where`, referenceText(resource.serviceProvider, locale)],
        [
          t`Place`,
          referenceTexts(
            resource.location?.map(({ location }) => location),
            locale,
          ),
        ],
        [
          t`With`,
          referenceTexts(
            resource.participant?.map(({ individual }) => individual),
            locale,
          ),
        ],
      ];
    case 'DiagnosticReport':
      return [
        [t`State`, name(resource.status)],
        [t`Conclusion`, plain(resource.conclusion, TEXT)],
        [t`When`, span(resource.effectiveDateTime ?? resource.effectivePeriod?.start, resource.effectivePeriod?.end)],
        [t`Reported`, format.dateTime(resource.issued)],
        [t`By`, referenceTexts(resource.performer, locale)],
        [t`Read by`, referenceTexts(resource.resultsInterpreter, locale)],
        [t`Results`, referenceTexts(resource.result, locale)],
      ];
    case 'Immunization':
      return [
        [t`State`, name(resource.status)],
        [t`When`, format.date(resource.occurrenceDateTime) || plain(resource.occurrenceString)],
        [t`Dose number`, resource.protocolApplied?.[0]?.doseNumberPositiveInt?.toLocaleString(locale) ?? ''],
        [
          t`Against`,
          conceptTexts(
            resource.protocolApplied?.flatMap(({ targetDisease }) => targetDisease ?? []),
            locale,
          ),
        ],
        [t`Amount`, quantityText(resource.doseQuantity, locale)],
        [t`Lot`, plain(resource.lotNumber)],
        [t`Where`, referenceText(resource.location, locale)],
        [
          t`By`,
          referenceTexts(
            resource.performer?.map(({ actor }) => actor),
            locale,
          ),
        ],
        notes(resource.note),
      ];
    case 'Procedure':
      return [
        [t`State`, name(resource.status)],
        [t`When`, span(resource.performedDateTime ?? resource.performedPeriod?.start, resource.performedPeriod?.end)],
        [t`Why`, conceptTexts(resource.reasonCode, locale)],
        [t`Where in the body`, conceptTexts(resource.bodySite, locale)],
        [t`Points`, pointsOf(resource, locale).join('\n')],
        [t`Outcome`, concept(resource.outcome)],
        [
          t`By`,
          referenceTexts(
            resource.performer?.map(({ actor }) => actor),
            locale,
          ),
        ],
        [t`Place`, referenceText(resource.location, locale)],
        notes(resource.note),
      ];
    case 'DocumentReference':
      return [
        [t`Kind`, concept(resource.type)],
        [t`When`, format.dateTime(resource.date)],
        [t`By`, referenceTexts(resource.author, locale)],
        [t`About`, plain(resource.description, TEXT)],
      ];
    case 'ServiceRequest':
      return [
        [t`State`, name(resource.status)],
        [t`Ordered`, format.dateTime(resource.authoredOn)],
        [t`By`, referenceText(resource.requester, locale)],
        [t`Why`, conceptTexts(resource.reasonCode, locale)],
        notes(resource.note),
      ];
    default:
      return undefined;
  }
}
