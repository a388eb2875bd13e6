import type { Resource } from '@meridian/fhir';
import type { FidelityReport } from './fidelity.ts';

/** A source that cannot be converted. The message says what is wrong and what to do, and holds no record text. */
export class ConversionError extends Error {
  /** Where in the source, such as `segment 3, field 5` or `byte 132`. */
  readonly place: string | undefined;

  constructor(sentence: string, place?: string) {
    super(place === undefined ? sentence : `${sentence} (${place})`);
    this.name = 'ConversionError';
    this.place = place;
  }
}

/** What came out. Bytes for documents, resources for FHIR. */
export interface ConversionResult {
  resources?: readonly Resource[];
  bytes?: { content: Uint8Array; contentType: string };
  fidelity: FidelityReport;
}

/**
 * A conversion from one format to another. The same input, options and version give the same result, byte for byte: ids
 * and times come from the options or from the digest of the source, never from a clock or from chance.
 */
export interface Converter<Options> {
  /** Such as `hl7v2-to-fhir`. */
  readonly name: string;
  /** Raised whenever the result for some source changes. */
  readonly version: string;
  /** Media types. */
  readonly from: string;
  readonly to: string;
  convert(source: Uint8Array, options: Options): ConversionResult | Promise<ConversionResult>;
}
