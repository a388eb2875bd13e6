import {
  ConversionError,
  frameExtents,
  pixelShape,
  presentationOf,
  RendererBusy,
  type Window,
} from '@meridian/convert';
import type { ViewContext } from '@meridian/records';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';
import { first, type Parameters } from '../http/query-string.ts';
import { gathered } from './instance-bytes.ts';
import type { KeptInstance } from './kept-instance.ts';
import { framed, type RetrieveParts } from './retrieve.ts';
import { nothingHere, openSelection, type Selection } from './study-access.ts';

const THUMBNAIL = { width: 200, height: 200 };
const WIDEST = 8192;

/**
 * Retrieve Rendered (PS3.18 §10.4.1.1.3) and thumbnails (§10.4.1.1.4): one frame as JPEG or PNG. Of a series or study the
 * instance in the middle, which shows more than its edge.
 */
export async function retrieveRendered(
  selection: Selection,
  options: { frame: number | undefined; thumbnail: boolean; accept: string | undefined; parameters: Parameters },
  context: ViewContext,
  parts: RetrieveParts,
): Promise<Answer> {
  const { instances } = await openSelection(selection, context, parts);
  const pictures = instances.filter(({ summary }) => summary['00280010'] !== undefined);
  const kept = pictures[pictures.length >> 1];
  if (kept === undefined) throw selection.instance === undefined ? nothingHere() : noPicture();
  const format = formatOf(options.accept);
  const body = await pictureOf(kept, format, options, parts);
  return { status: 200, contentType: `image/${format}`, body };
}

async function pictureOf(
  kept: KeptInstance,
  format: 'jpeg' | 'png',
  { frame, thumbnail, parameters }: { frame: number | undefined; thumbnail: boolean; parameters: Parameters },
  parts: RetrieveParts,
): Promise<Buffer> {
  const index = await parts.kept.indexOf(kept);
  const shape = framed(() => pixelShape(index));
  const extents = framed(() => frameExtents(index, frame ?? (shape.frames >> 1) + 1));
  const presentation = presentationOf(index.dataSet);
  const window = windowOf(first(parameters, 'window')) ?? presentation.window;
  const viewport = viewportOf(first(parameters, 'viewport')) ?? (thumbnail ? THUMBNAIL : undefined);
  const bytes = await gathered(kept, index, extents, parts.store.blobs);
  try {
    return await parts.renderer.render({
      bytes,
      shape,
      transferSyntax: kept.transferSyntax,
      picture: {
        presentation: { ...presentation, window },
        format,
        quality: qualityOf(first(parameters, 'quality')),
        ...(viewport && { viewport }),
      },
    });
  } catch (error) {
    if (error instanceof ConversionError) throw refusal(422, 'processing', error.message);
    if (error instanceof RendererBusy) throw refusal(503, 'transient', error.message, { 'retry-after': '2' });
    throw error;
  }
}

function noPicture(): Error {
  return refusal(404, 'not-found', 'This instance holds no picture.');
}

function formatOf(accept: string | undefined): 'jpeg' | 'png' {
  const types = (accept ?? '*/*')
    .slice(0, 4000)
    .split(',', 50)
    .map((range) => range.split(';', 1)[0]?.trim());
  if (types.some((type) => type === 'image/jpeg' || type === 'image/*' || type === '*/*')) return 'jpeg';
  if (types.includes('image/png')) return 'png';
  throw refusal(406, 'not-supported', 'Pictures are made as image/jpeg and image/png; accept one of them.');
}

/** `center,width,function` (PS3.18 §8.3.5.1.4). */
function windowOf(text: string | undefined): Window | undefined {
  if (text === undefined) return undefined;
  const [center, width, kind = 'linear'] = text.split(',');
  const window = { center: Number(center), width: Number(width) };
  const good = center !== '' && Number.isFinite(window.center) && window.width >= 1 && window.width < 1e9;
  if (!good || !isFunction(kind)) {
    throw refusal(400, 'value', 'Give window as center,width,function with one of linear, linear-exact, sigmoid.');
  }
  return { ...window, function: kind };
}

function isFunction(kind: string): kind is Window['function'] {
  return kind === 'linear' || kind === 'linear-exact' || kind === 'sigmoid';
}

/** `width,height` (PS3.18 §8.3.5.1.3); parts of a picture are not cut out. */
function viewportOf(text: string | undefined): { width: number; height: number } | undefined {
  if (text === undefined) return undefined;
  const [, width, height] = /^(\d{1,5}),(\d{1,5})$/.exec(text) ?? [];
  const viewport = { width: Number(width), height: Number(height) };
  const good = (size: number): boolean => size >= 1 && size <= WIDEST;
  if (good(viewport.width) && good(viewport.height)) return viewport;
  throw refusal(400, 'value', `Give viewport as width,height, each from 1 to ${WIDEST}.`);
}

function qualityOf(text: string | undefined): number {
  if (text === undefined) return 90;
  const quality = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (quality >= 1 && quality <= 100) return quality;
  throw refusal(400, 'value', 'Give quality as a whole number from 1 to 100.');
}
