import { ConversionError } from '../evidence/converter.ts';
import type { Extent } from './data-set.ts';
import type { InstanceIndex } from './instance.ts';
import { jsonNumber, jsonText } from './json-model.ts';
import { transferSyntax } from './transfer-syntax.ts';

/** What must be known of pixels to show them (PS3.3 §C.7.6.3). */
export interface PixelShape {
  rows: number;
  columns: number;
  samples: number;
  bitsAllocated: number;
  bitsStored: number;
  signed: boolean;
  /** Samples of one plane after the other. */
  planar: boolean;
  photometric: string;
  frames: number;
}

/** Most bytes of one frame, decoded: more than any detector makes, and what one picture may cost in memory. */
export const LARGEST_FRAME = 256 * 1024 * 1024;

/** Throws ConversionError where the instance has no picture, or one out of bounds. */
export function pixelShape({ dataSet }: InstanceIndex): PixelShape {
  const shape: PixelShape = {
    rows: jsonNumber(dataSet, '00280010') ?? 0,
    columns: jsonNumber(dataSet, '00280011') ?? 0,
    samples: jsonNumber(dataSet, '00280002') ?? 1,
    bitsAllocated: jsonNumber(dataSet, '00280100') ?? 0,
    bitsStored: jsonNumber(dataSet, '00280101') ?? jsonNumber(dataSet, '00280100') ?? 0,
    signed: jsonNumber(dataSet, '00280103') === 1,
    planar: jsonNumber(dataSet, '00280006') === 1,
    photometric: jsonText(dataSet, '00280004') ?? 'MONOCHROME2',
    frames: jsonNumber(dataSet, '00280008') ?? 1,
  };
  if (dataSet['7FE00010'] === undefined || shape.rows === 0 || shape.columns === 0) {
    throw new ConversionError('This instance holds no picture.');
  }
  const good =
    [1, 3, 4].includes(shape.samples) &&
    [1, 8, 16, 32].includes(shape.bitsAllocated) &&
    // frames of single bits that end within a byte are not told apart
    (shape.bitsAllocated > 1 || shape.frames === 1 || (shape.rows * shape.columns) % 8 === 0) &&
    shape.bitsStored >= 1 &&
    shape.bitsStored <= shape.bitsAllocated &&
    Number.isInteger(shape.frames) &&
    shape.frames >= 1 &&
    frameBytes(shape) <= LARGEST_FRAME;
  if (!good) throw new ConversionError('The pixels of this instance are described in a way that cannot be shown.');
  return shape;
}

/** Bytes of one decoded frame; of frames of single bits the last byte is shared (PS3.5 §8.1.1). */
export function frameBytes({ rows, columns, samples, bitsAllocated }: PixelShape): number {
  return Math.ceil((rows * columns * samples * bitsAllocated) / 8);
}

/**
 * Where the bytes of one frame lie; several extents where it was cut into fragments.
 *
 * @param frame 1 for the first
 */
export function frameExtents(index: InstanceIndex, frame: number): Extent[] {
  const shape = pixelShape(index);
  if (!Number.isInteger(frame) || frame < 1 || frame > shape.frames) {
    throw new ConversionError(`This instance has ${shape.frames} frames; ask for one of them.`);
  }
  const found = transferSyntax(index.transferSyntax).codec || index.fragments ? fragmentsOf(index, frame, shape) : [];
  if (found.length > 0) return within(found);
  const pixels = index.bulk['7FE00010'];
  if (pixels === undefined) throw new ConversionError('The pixel data of this instance is empty.');
  const bytes = frameBytes(shape);
  const start = pixels.start + (frame - 1) * bytes;
  if (start + bytes > pixels.end) throw new ConversionError('The pixel data of this instance is shorter than it says.');
  return [{ start, end: start + bytes }];
}

function within(extents: Extent[]): Extent[] {
  if (extents.reduce((sum, { start, end }) => sum + end - start, 0) > LARGEST_FRAME) {
    throw new ConversionError('One frame of this instance is larger than 256 MiB.');
  }
  return extents;
}

/** One fragment a frame, or by the basic offset table (PS3.5 §A.4), or all of it where there is one frame. */
function fragmentsOf({ fragments }: InstanceIndex, frame: number, { frames }: PixelShape): Extent[] {
  if (fragments === undefined) return [];
  const { offsets, extents } = fragments;
  if (frames === 1) return extents;
  if (extents.length === frames) return extents.slice(frame - 1, frame);
  if (offsets.length === frames && extents[0] !== undefined) {
    // offsets count from the first fragment's item tag, eight bytes before its content
    const base = extents[0].start - 8;
    const from = base + (offsets[frame - 1] as number);
    const to = frame === frames ? Number.POSITIVE_INFINITY : base + (offsets[frame] as number);
    return extents.filter(({ start }) => start - 8 >= from && start - 8 < to);
  }
  throw new ConversionError('The fragments of this instance cannot be told apart into frames.');
}
