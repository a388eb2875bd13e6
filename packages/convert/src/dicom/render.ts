import sharp from 'sharp';
import { decodeFrame } from './decode-frame.ts';
import type { PixelShape } from './frames.ts';
import { type Presentation, present } from './presentation.ts';

/** A frame to be decoded, and, with `picture`, to be shown. Plain data: it goes to another thread. */
export interface RenderJob {
  bytes: Uint8Array;
  shape: PixelShape;
  transferSyntax: string;
  picture?: {
    presentation: Presentation;
    format: 'jpeg' | 'png';
    /** 1 to 100, of JPEG. */
    quality: number;
    /** The picture is made to fit, its proportions kept; undefined: as large as it is. */
    viewport?: { width: number; height: number };
  };
}

/** The samples (little endian, colours by pixel) without `picture`, else the bytes of a JPEG or PNG. */
export async function render({ bytes, shape, transferSyntax, picture }: RenderJob): Promise<Uint8Array> {
  const frame = await decodeFrame(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), shape, transferSyntax);
  if (picture === undefined) return frame.bytes;
  const { width, height, channels, bytes: samples } = present(frame, shape, picture.presentation);
  let image = sharp(samples, { raw: { width, height, channels } });
  if (picture.viewport) image = image.resize({ ...picture.viewport, fit: 'inside' });
  if (channels === 1) image = image.toColourspace('b-w');
  return picture.format === 'png'
    ? image.png({ compressionLevel: 6 }).toBuffer()
    : image.jpeg({ quality: picture.quality }).toBuffer();
}
