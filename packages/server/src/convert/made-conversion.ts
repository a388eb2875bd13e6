import { createHash } from 'node:crypto';
import {
  CONVERTER_VERSIONS,
  ConversionError,
  type ConversionJob,
  type ConversionOutput,
  type Detected,
  type FidelityReport,
  SandboxBusy,
} from '@meridian/convert';
import { parseJson, type Resource } from '@meridian/fhir';
import { JSON_DEPTH } from '../fhir/incoming.ts';
import type { Services } from '../fhir/services.ts';
import { refusal } from '../http/http-error.ts';

/** A conversion that was made, before anything of it is stored. Digests are lower-case hex SHA-256. */
export interface Made {
  detected: Detected;
  job: ConversionJob | undefined;
  output: ConversionOutput;
  source: Buffer;
  sourceDigest: string;
  resources: readonly Resource[];
  resultDigest: string;
}

/** Makes a conversion in the sandbox; without a job the file stays as it is. Throws 422 where it cannot be made, 503 where too many wait. */
export async function makeConversion(
  detected: Detected,
  job: ConversionJob | undefined,
  source: Buffer,
  { sandbox }: Services,
): Promise<Made> {
  const output = job === undefined ? originalOnly() : await sandbox.convert(job).catch(refused);
  const resources = output.resources.map((text) => parseJson(text, { depth: JSON_DEPTH }) as Resource);
  const sourceDigest = sha256(source);
  const resultDigest = job === undefined ? sourceDigest : digestOf(output, resources);
  return { detected, job, output, source, sourceDigest, resources, resultDigest };
}

function originalOnly(): ConversionOutput {
  const fidelity: FidelityReport = {
    mapped: [],
    kept: [{ path: 'the whole file', where: 'the original', count: 1 }],
    dropped: [],
  };
  return { resources: [], operations: [], fidelity };
}

function refused(error: unknown): never {
  if (error instanceof ConversionError) throw refusal(422, 'processing', error.message);
  if (error instanceof SandboxBusy) throw refusal(503, 'transient', error.message, { 'retry-after': '2' });
  throw error;
}

/** Of messages it is what their own Provenance says, which leaves out when it was made; of all else, of what was made. */
function digestOf({ bytes, resources: texts }: ConversionOutput, resources: readonly Resource[]): string {
  if (bytes) return sha256(bytes.content);
  const own = resources.flatMap(resultDigestIn);
  if (own.length === 0) return sha256(texts.join('\n'));
  return own.length === 1 ? (own[0] as string) : sha256(own.join('\n'));
}

interface WithProvenance {
  entry?: { resource?: { resourceType?: string; extension?: { url?: string; valueString?: string }[] } }[];
}

function resultDigestIn(bundle: Resource): string[] {
  const { entry = [] } = bundle as Resource & WithProvenance;
  return entry.flatMap(({ resource }) =>
    resource?.resourceType === 'Provenance'
      ? (resource.extension ?? []).flatMap(({ url, valueString }) =>
          url === 'urn:meridian:conversion:result-sha256' && valueString !== undefined ? [valueString] : [],
        )
      : [],
  );
}

/** Name and version, as they stand in evidence. */
export function converterOf(job: ConversionJob | undefined): { converter: string; version: string } {
  if (job === undefined) return { converter: 'original-only', version: '1' };
  return { converter: job.converter, version: CONVERTER_VERSIONS[job.converter] };
}

/** What evidence says of a conversion. */
export function facts({ detected, job, sourceDigest, resultDigest }: Made): {
  converter: string;
  version: string;
  sourceDigest: string;
  sourceType: string;
  resultDigest: string;
} {
  return { ...converterOf(job), sourceDigest, sourceType: detected.contentType, resultDigest };
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
