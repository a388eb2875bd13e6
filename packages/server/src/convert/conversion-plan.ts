import { createHash } from 'node:crypto';
import { type ConversionJob, type Detected, detectFormat } from '@meridian/convert';
import { refusal } from '../http/http-error.ts';

/** What a file can be converted to. `fhir`: records; a document becomes a DocumentReference with a form for reading. */
export const TARGETS = ['fhir', 'html', 'text', 'jpeg', 'png', 'webp', 'ccda', 'r4', 'r5'] as const;
export type ConversionTarget = (typeof TARGETS)[number];

/** What a conversion is asked for with. */
export interface ConversionWish {
  source: Buffer;
  /** Content-Type of the request; may be wrong. */
  declared: string;
  to: ConversionTarget;
  /** For times without an offset: `+08:00`, `Asia/Hong_Kong`. */
  zone: string | undefined;
  /** Epoch milliseconds. */
  now: number;
  /** Name of this server: the author of what it makes. */
  host: string;
}

export interface ConversionPlan {
  detected: Detected;
  /** What is done. Undefined: there is no form for reading, and only the original is kept. */
  job: ConversionJob | undefined;
}

/** How a file of this content becomes what is wished. Throws 422 where there is no way, with what would help. */
export function planConversion(wish: ConversionWish): ConversionPlan {
  const { source, declared, to } = wish;
  const detected = detectFormat(source, declared);
  const { format } = detected;
  switch (to) {
    case 'fhir':
      return { detected, job: jobToFhir(wish, detected) };
    case 'html':
    case 'text':
      return { detected, job: { converter: `document-to-${to}`, source, options: { declared } } };
    case 'jpeg':
    case 'png':
    case 'webp':
      if (format !== 'image')
        throw impossible('Only pictures (JPEG, PNG, WebP, TIFF, GIF, AVIF) become pictures here.');
      return { detected, job: { converter: 'image-to-web', source, options: { format: to } } };
    case 'r4':
    case 'r5':
      if (format !== 'fhir-json') throw impossible('Only FHIR JSON changes from one FHIR version to another.');
      return { detected, job: { converter: to === 'r5' ? 'fhir-r4-to-r5' : 'fhir-r5-to-r4', source, options: {} } };
    case 'ccda':
      if (format !== 'fhir-json') throw impossible('Only a FHIR Bundle with one Patient becomes a C-CDA document.');
      return { detected, job: { converter: 'fhir-to-ccd', source, options: ccdOptions(wish) } };
  }
}

function jobToFhir({ source, declared, zone, now }: ConversionWish, { format }: Detected): ConversionJob | undefined {
  switch (format) {
    case 'hl7v2':
      return {
        converter: 'hl7v2-to-fhir',
        source,
        options: { at: new Date(now), ...(zone !== undefined && { zone }) },
      };
    case 'ccda':
      return { converter: 'ccda-to-fhir', source, options: zone === undefined ? {} : { zone } };
    case 'image':
      return { converter: 'image-to-web', source, options: { format: 'jpeg' } };
    case 'pdf':
    case 'docx':
    case 'html':
    case 'markdown':
    case 'text':
      return { converter: 'document-to-html', source, options: { declared } };
    case 'dicom':
      throw impossible('This is DICOM; send it to /dicom-web/studies, which takes in studies of any size.');
    case 'fhir-json':
      throw impossible('This is FHIR already; send it to the FHIR API, or name another format with to.');
    default:
      return undefined;
  }
}

function ccdOptions({ source, now, host }: ConversionWish) {
  const digest = createHash('sha256').update(source).digest('hex');
  const groups = [digest.slice(0, 8), digest.slice(8, 12), `8${digest.slice(13, 16)}`, `8${digest.slice(17, 20)}`];
  return {
    at: new Date(now).toISOString(),
    documentId: [...groups, digest.slice(20, 32)].join('-'),
    author: { software: 'Meridian', organization: host, organizationId: `urn:meridian:${host}` },
  };
}

function impossible(sentence: string): Error {
  return refusal(422, 'not-supported', sentence);
}
