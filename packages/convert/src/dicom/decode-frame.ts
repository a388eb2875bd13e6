import codecs, { type Context } from 'dcmjs-codecs';
import { ConversionError } from '../evidence/converter.ts';
import { frameBytes, type PixelShape } from './frames.ts';
import { transferSyntax } from './transfer-syntax.ts';

const { NativeCodecs } = codecs;

/** One frame as plain samples, little endian. */
export interface DecodedFrame {
  bytes: Buffer;
  /** As the samples are now: a codec may have turned colours and planes. */
  photometric: string;
  planar: boolean;
}

/** Decodes one frame. Throws ConversionError for damage, and for compressions that are not known here. */
export async function decodeFrame(bytes: Buffer, shape: PixelShape, syntaxUid: string): Promise<DecodedFrame> {
  const { codec, bigEndian } = transferSyntax(syntaxUid);
  if (codec === undefined) {
    const plain = Buffer.from(bytes);
    if (bigEndian && shape.bitsAllocated === 16) plain.subarray(0, plain.length & ~1).swap16();
    return { bytes: plain, photometric: shape.photometric, planar: shape.planar };
  }
  if (codec === 'other') throw new ConversionError('The pixels are compressed in a way that cannot be shown here.');
  if (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync({ logCodecsInfo: false });
  const context = new codecs.Context({
    width: shape.columns,
    height: shape.rows,
    bitsAllocated: shape.bitsAllocated,
    bitsStored: shape.bitsStored,
    samplesPerPixel: shape.samples,
    pixelRepresentation: shape.signed ? 1 : 0,
    planarConfiguration: shape.planar ? 1 : 0,
    photometricInterpretation: shape.photometric,
    encodedBuffer: bytes,
  });
  let decoded: Context;
  try {
    decoded = DECODERS[codec](context);
  } catch {
    throw new ConversionError('The compressed pixels are damaged; have the sender export the instance again.');
  }
  const result = decoded.getDecodedBuffer();
  if (result === undefined || result.length < frameBytes(shape)) {
    throw new ConversionError('The compressed pixels do not fill the picture; have the sender export it again.');
  }
  return {
    bytes: Buffer.from(result.buffer, result.byteOffset, result.length),
    photometric: decoded.getPhotometricInterpretation() ?? shape.photometric,
    planar: decoded.getPlanarConfiguration() === 1,
  };
}

const DECODERS = {
  rle: (context: Context) => NativeCodecs.decodeRle(context),
  jpeg: (context: Context) => NativeCodecs.decodeJpeg(context, { convertColorspaceToRgb: true }),
  'jpeg-ls': (context: Context) => NativeCodecs.decodeJpegLs(context),
  'jpeg-2000': (context: Context) => NativeCodecs.decodeJpeg2000(context),
  htj2k: (context: Context) => NativeCodecs.decodeHtJpeg2000(context),
} as const;
