import { ConversionError, isUid, type JsonDataSet, jsonText } from '@meridian/convert';
import { StoreError, type ViewContext } from '@meridian/records';
import type { Answer } from '../fhir/request.ts';
import { HttpError, refusal } from '../http/http-error.ts';
import { mediaType } from '../http/media.ts';
import { type Ingest, type Received, WrongStudy } from './ingest.ts';
import type { KeptInstance } from './kept-instance.ts';
import { mediaParameter, partsOf } from './multipart.ts';

/** Failure and warning reasons (PS3.18 table I.2-2, PS3.4 §B.2.3). */
const REASON = { processing: 0x0110, notAuthorized: 0x0124, otherStudy: 0xa900, notUnderstood: 0xc000, held: 0xb000 };

/** Instances of a request that are filed together, so that a long one is in the record while it goes on. */
const BATCH = 200;

interface Outcome {
  sopClass?: string;
  instance?: string;
  study?: string;
  series?: string;
  failure?: number;
  warning?: number;
}

/**
 * Store Instances (PS3.18 §10.5): each part an instance. Answers by instance; 200 where all were stored, 202 where some
 * failed or wait for a person, 409 where none was stored.
 *
 * @param study the only study that may come, where the URL names one
 */
export async function storeInstances(
  body: AsyncIterable<Buffer>,
  contentType: string | undefined,
  study: string | undefined,
  ingest: Ingest,
  context: ViewContext,
  base: string,
): Promise<Answer> {
  const outcomes: Outcome[] = [];
  let batch: KeptInstance[] = [];
  const fileBatch = async (): Promise<void> => {
    for (const group of Map.groupBy(batch, (kept) => kept.study).values()) {
      const failure = await filingFailure(ingest, group, context);
      if (failure === undefined) continue;
      const failed = new Set(group.map(({ instance }) => instance));
      for (const outcome of outcomes) if (failed.has(outcome.instance ?? '')) outcome.failure = failure;
    }
    batch = [];
  };
  for await (const content of contentsOf(body, contentType)) {
    const { outcome, kept } = await storeOne(content, study, ingest);
    outcomes.push(outcome);
    if (kept) batch.push(kept);
    if (batch.length >= BATCH) await fileBatch();
  }
  await fileBatch();
  return answerOf(outcomes, study, base);
}

async function* contentsOf(
  body: AsyncIterable<Buffer>,
  contentType: string | undefined,
): AsyncGenerator<AsyncIterable<Buffer>> {
  const type = mediaType(contentType);
  if (type === 'application/dicom') return yield body;
  const boundary = mediaParameter(contentType, 'boundary');
  if (type !== 'multipart/related' || boundary === undefined || boundary.length > 70) {
    const sentence = 'Send instances as multipart/related; type="application/dicom" with a boundary.';
    throw refusal(415, 'not-supported', sentence);
  }
  for await (const part of partsOf(body, boundary)) {
    const inner = part.headers.get('content-type');
    if (inner !== undefined && mediaType(inner) !== 'application/dicom') {
      throw refusal(415, 'not-supported', 'Each part must be application/dicom; metadata with bulk data is not taken.');
    }
    yield part.content;
  }
}

async function storeOne(
  content: AsyncIterable<Buffer>,
  study: string | undefined,
  ingest: Ingest,
): Promise<{ outcome: Outcome; kept?: KeptInstance }> {
  let received: Received;
  try {
    received = await ingest.receive(content, undefined, study);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    if (error instanceof WrongStudy) return { outcome: { failure: REASON.otherStudy } };
    if (error instanceof ConversionError) return { outcome: { failure: REASON.notUnderstood } };
    throw error;
  }
  if (received.outcome === 'held') {
    const { instance, sopClass, study: of } = received;
    return { outcome: { instance, sopClass, study: of, warning: REASON.held } };
  }
  const { kept } = received;
  const sopClass = jsonText(kept.summary, '00080016');
  return {
    outcome: { instance: kept.instance, study: kept.study, series: kept.series, ...(sopClass && { sopClass }) },
    // what was there already is in its study already
    ...(received.outcome === 'kept' && { kept }),
  };
}

async function filingFailure(
  ingest: Ingest,
  group: readonly KeptInstance[],
  context: ViewContext,
): Promise<number | undefined> {
  try {
    await ingest.fileOrForget(group, context);
    return undefined;
  } catch (error) {
    if (error instanceof StoreError && error.status < 500) {
      return error.status === 409 ? REASON.processing : REASON.notAuthorized;
    }
    throw error;
  }
}

/** The response's data set (PS3.18 §10.5.3.2, table 10.5.3-1). */
function answerOf(outcomes: readonly Outcome[], study: string | undefined, base: string): Answer {
  if (outcomes.length === 0) throw refusal(400, 'required', 'The request holds no instance.');
  const stored = outcomes.filter(({ failure }) => failure === undefined);
  const failed = outcomes.filter(({ failure }) => failure !== undefined);
  const json: JsonDataSet = {
    ...(study !== undefined && { '00081190': { vr: 'UR', Value: [`${base}/studies/${study}`] } }),
    ...(stored.length > 0 && { '00081199': { vr: 'SQ', Value: stored.map((one) => referenced(one, base)) } }),
    ...(failed.length > 0 && { '00081198': { vr: 'SQ', Value: failed.map((one) => referenced(one, base)) } }),
  };
  const partly = failed.length > 0 || stored.some(({ warning }) => warning !== undefined);
  const status = stored.length === 0 ? 409 : partly ? 202 : 200;
  return { status, contentType: 'application/dicom+json', body: Buffer.from(JSON.stringify(json)) };
}

function referenced(outcome: Outcome, base: string): JsonDataSet {
  const { sopClass, instance, study, series, failure, warning } = outcome;
  return {
    ...(sopClass !== undefined && { '00081150': { vr: 'UI', Value: [sopClass] } }),
    ...(instance !== undefined && { '00081155': { vr: 'UI', Value: [instance] } }),
    ...(series !== undefined &&
      failure === undefined && {
        '00081190': { vr: 'UR', Value: [`${base}/studies/${study}/series/${series}/instances/${instance}`] },
      }),
    ...(failure !== undefined && { '00081197': { vr: 'US', Value: [failure] } }),
    ...(warning !== undefined && { '00081196': { vr: 'US', Value: [warning] } }),
  };
}

export function requireUid(text: string): string {
  if (!isUid(text)) throw refusal(400, 'value', 'The URL holds something that is no UID where one is needed.');
  return text;
}
