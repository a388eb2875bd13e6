import type { DecodedFrame } from './decode-frame.ts';
import type { PixelShape } from './frames.ts';
import { type JsonDataSet, jsonNumber } from './json-model.ts';

/** A window of values (PS3.3 §C.11.2): what is below its lower end is black, above its upper end white. */
export interface Window {
  center: number;
  width: number;
  function: 'linear' | 'linear-exact' | 'sigmoid';
}

/** How stored values become what is shown. */
export interface Presentation {
  slope: number;
  intercept: number;
  window: Window | undefined;
  /** Red, green and blue tables of a palette (PS3.3 §C.7.9). */
  palette: { first: number; tables: [number[], number[], number[]] } | undefined;
}

/** What an instance says of its presentation. */
export function presentationOf(dataSet: JsonDataSet): Presentation {
  const [center, width] = [jsonNumber(dataSet, '00281050'), jsonNumber(dataSet, '00281051')];
  return {
    slope: jsonNumber(dataSet, '00281053') ?? 1,
    intercept: jsonNumber(dataSet, '00281052') ?? 0,
    window:
      center !== undefined && width !== undefined && width >= 1 ? { center, width, function: 'linear' } : undefined,
    palette: paletteOf(dataSet),
  };
}

function paletteOf(dataSet: JsonDataSet): Presentation['palette'] {
  const first = Number(dataSet['00281101']?.Value?.[1] ?? 0);
  const bits = Number(dataSet['00281101']?.Value?.[2] ?? 16);
  const tables = ['00281201', '00281202', '00281203'].map((tag) => {
    const bytes = Buffer.from(dataSet[tag]?.InlineBinary ?? '', 'base64');
    if (bits === 8) return [...bytes];
    return Array.from({ length: bytes.length >> 1 }, (_, at) => bytes.readUInt16LE(at * 2) >> 8);
  });
  const [red = [], green = [], blue = []] = tables;
  return red.length > 0 ? { first, tables: [red, green, blue] } : undefined;
}

/** Samples of eight bits, of one channel or of red, green and blue in turn. */
export interface Picture {
  width: number;
  height: number;
  channels: 1 | 3;
  bytes: Buffer;
}

/** A decoded frame as it is shown on a screen. */
export function present(frame: DecodedFrame, shape: PixelShape, how: Presentation): Picture {
  const { rows: height, columns: width } = shape;
  if (shape.samples >= 3) return { width, height, channels: 3, bytes: colours(frame, shape) };
  const values = storedValues(frame.bytes, shape);
  if (frame.photometric === 'PALETTE COLOR' && how.palette) {
    return { width, height, channels: 3, bytes: throughPalette(values, how.palette) };
  }
  const bytes = throughWindow(values, how);
  if (frame.photometric === 'MONOCHROME1') for (let at = 0; at < bytes.length; at++) bytes[at] = 255 - bytes[at]!;
  return { width, height, channels: 1, bytes };
}

/** Stored values: the bits above those stored may hold overlays and are cut off (PS3.5 §8.1.1). */
function storedValues(bytes: Buffer, { rows, columns, bitsAllocated, bitsStored, signed }: PixelShape): Int32Array {
  const values = new Int32Array(rows * columns);
  const unused = 32 - bitsStored;
  for (let at = 0; at < values.length; at++) {
    let raw: number;
    if (bitsAllocated === 8) raw = bytes[at] ?? 0;
    else if (bitsAllocated === 16) raw = (bytes[at * 2] ?? 0) | ((bytes[at * 2 + 1] ?? 0) << 8);
    else if (bitsAllocated === 32) raw = bytes.readInt32LE(at * 4);
    else raw = ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1;
    values[at] = signed ? (raw << unused) >> unused : (raw << unused) >>> unused;
  }
  return values;
}

function throughWindow(values: Int32Array, { slope, intercept, window }: Presentation): Buffer {
  const shown = Buffer.alloc(values.length);
  const used = window ?? fullWindow(values, slope, intercept);
  const curve = curveOf(used);
  // the few different values of a picture are computed once each
  const known = new Map<number, number>();
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    let level = known.get(value);
    if (level === undefined) {
      level = Math.round(255 * Math.min(1, Math.max(0, curve(value * slope + intercept))));
      if (known.size < 70_000) known.set(value, level);
    }
    shown[at] = level;
  }
  return shown;
}

/** The formulas of PS3.3 §C.11.2.1.2 and §C.11.2.1.3, from 0 to 1. */
function curveOf({ center, width, function: kind }: Window): (value: number) => number {
  if (kind === 'sigmoid') return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  if (kind === 'linear-exact') return (value) => (value - center) / width + 0.5;
  if (width <= 1) return (value) => (value <= center - 0.5 ? 0 : 1);
  return (value) => (value - (center - 0.5)) / (width - 1) + 0.5;
}

/** From the darkest to the brightest value, where the instance does not say. */
function fullWindow(values: Int32Array, slope: number, intercept: number): Window {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const [low, high] = [least * slope + intercept, most * slope + intercept];
  return { center: (low + high) / 2, width: Math.max(1, Math.abs(high - low)), function: 'linear-exact' };
}

function throughPalette(values: Int32Array, { first, tables }: NonNullable<Presentation['palette']>): Buffer {
  const shown = Buffer.alloc(values.length * 3);
  for (let at = 0; at < values.length; at++) {
    tables.forEach((table, channel) => {
      const entry = Math.min(Math.max((values[at] as number) - first, 0), table.length - 1);
      shown[at * 3 + channel] = table[entry] ?? 0;
    });
  }
  return shown;
}

/** Red, green and blue in turn, from planes, deeper samples and YBR_FULL (PS3.3 §C.7.6.3.1.2). */
function colours({ bytes, photometric, planar }: DecodedFrame, shape: PixelShape): Buffer {
  const pixels = shape.rows * shape.columns;
  const [step, shift] = shape.bitsAllocated === 16 ? [2, shape.bitsStored - 8] : [1, 0];
  const sample = (pixel: number, channel: number): number => {
    const at = (planar ? channel * pixels + pixel : pixel * shape.samples + channel) * step;
    return step === 1 ? (bytes[at] ?? 0) : Math.min(255, bytes.readUInt16LE(at) >> Math.max(0, shift));
  };
  const shown = Buffer.alloc(pixels * 3);
  const ybr = photometric === 'YBR_FULL' || photometric === 'YBR_FULL_422';
  const clamp = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));
  for (let pixel = 0; pixel < pixels; pixel++) {
    const [a, b, c] = [sample(pixel, 0), sample(pixel, 1), sample(pixel, 2)];
    shown[pixel * 3] = ybr ? clamp(a + 1.402 * (c - 128)) : a;
    shown[pixel * 3 + 1] = ybr ? clamp(a - 0.344136 * (b - 128) - 0.714136 * (c - 128)) : b;
    shown[pixel * 3 + 2] = ybr ? clamp(a + 1.772 * (b - 128)) : c;
  }
  return shown;
}
