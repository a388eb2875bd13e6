import type { Resource } from '@meridian/fhir';
import { countsOf, type FidelityReport } from './fidelity.ts';

/** What stands in the Provenance of a conversion. Digests are lower-case hex SHA-256. */
export interface ConversionFacts {
  converter: string;
  version: string;
  /** The options as JSON with sorted names; they must hold no secrets and no record text. */
  parameters: Readonly<Record<string, unknown>>;
  sourceDigest: string;
  sourceType: string;
  resultDigest: string;
  /** `Type/id` or `Type/id/_history/n` of what the conversion made. */
  targets: readonly string[];
  /** Where the original is kept, such as `Binary/…` or `DocumentReference/…`. */
  original: string;
  /** Where the whole fidelity report is kept, as a Binary of JSON. */
  report?: string;
  fidelity: FidelityReport;
  /** When it was recorded. */
  at: Date;
}

const EXTENSION = 'urn:meridian:conversion';

/**
 * The evidence of a conversion as a FHIR Provenance: activity, the converter as a device, source and result by their
 * digests, and the sums of the fidelity report.
 */
export function conversionProvenance(facts: ConversionFacts): Resource {
  const { mapped, kept, dropped } = countsOf(facts.fidelity);
  const extension = [
    { url: `${EXTENSION}:source-sha256`, valueString: facts.sourceDigest },
    { url: `${EXTENSION}:source-type`, valueString: facts.sourceType },
    { url: `${EXTENSION}:result-sha256`, valueString: facts.resultDigest },
    { url: `${EXTENSION}:parameters`, valueString: sortedJson(facts.parameters) },
    { url: `${EXTENSION}:mapped`, valueInteger: mapped },
    { url: `${EXTENSION}:kept`, valueInteger: kept },
    { url: `${EXTENSION}:dropped`, valueInteger: dropped },
    ...(facts.report !== undefined
      ? [{ url: `${EXTENSION}:report`, valueReference: { reference: facts.report } }]
      : []),
  ];
  return {
    resourceType: 'Provenance',
    extension,
    target: facts.targets.map((reference) => ({ reference })),
    recorded: facts.at.toISOString(),
    activity: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle', code: 'transform' }],
    },
    agent: [
      {
        type: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'assembler' }],
        },
        who: { display: `${facts.converter} ${facts.version}` },
      },
    ],
    entity: [{ role: 'source', what: { reference: facts.original } }],
  } as Resource;
}

/** JSON with the names of each object in order: equal parameters are equal texts. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
