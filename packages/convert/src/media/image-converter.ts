import sharp, { type Sharp } from 'sharp';
import { ConversionError, type ConversionResult, type Converter } from '../evidence/converter.ts';
import { Fidelity } from '../evidence/fidelity.ts';

export interface ImageOptions {
  format: 'jpeg' | 'png' | 'webp';
  /** The longest side in pixels; smaller pictures stay as they are. */
  longest?: number;
}

/** Most pixels of a picture, all its pages together: about what a sheet of A2 has at 400 dpi. */
const MOST_PIXELS = 100_000_000;
const LONGEST = 4096;
const MOST_PAGES = 500;

/**
 * Pictures (JPEG, PNG, WebP, TIFF, GIF, AVIF) for showing: upright, in sRGB, at most 4096 pixels a side, and without EXIF,
 * XMP and IPTC, which tell where and by whom a photograph was taken. Those stand in the original. Of pictures with several
 * pages the first is shown.
 */
export const imageToWeb = {
  name: 'image-to-web',
  version: '1.0.0',
  from: 'image/*',
  to: 'image/jpeg',
  async convert(source: Uint8Array, { format, longest = LONGEST }: ImageOptions): Promise<ConversionResult> {
    const fidelity = new Fidelity();
    const image = sharp(source, { limitInputPixels: MOST_PIXELS, failOn: 'error', sequentialRead: true });
    try {
      const about = await image.metadata();
      const pages = Math.min(about.pages ?? 1, MOST_PAGES);
      fidelity.mapped('page');
      if (pages > 1) fidelity.kept('further pages', 'the original', pages - 1);
      for (const [name, has] of [
        ['EXIF (camera, time, location)', about.exif],
        ['XMP', about.xmp],
        ['IPTC', about.iptc],
      ] as const) {
        if (has) fidelity.kept(name, 'the original');
      }
      if (Math.max(about.width, about.height) > longest) fidelity.kept('full resolution', 'the original');
      const fitted = image
        .autoOrient()
        .resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true })
        .toColourspace('srgb');
      const content = await encoded(fitted, format, about.hasAlpha);
      return { bytes: { content, contentType: `image/${format}` }, fidelity: fidelity.report() };
    } catch (error) {
      const isLarge = error instanceof Error && error.message.includes('pixel limit');
      throw new ConversionError(
        isLarge
          ? 'The picture has more than 100 million pixels; make it smaller.'
          : 'The picture is damaged or of a kind that cannot be read; save it as JPEG or PNG.',
      );
    }
  },
} satisfies Converter<ImageOptions>;

function encoded(image: Sharp, format: ImageOptions['format'], hasAlpha: boolean): Promise<Buffer> {
  if (format === 'png') return image.png({ compressionLevel: 6 }).toBuffer();
  if (format === 'webp') return image.webp({ quality: 85 }).toBuffer();
  // JPEG has no transparency: on white, as on paper
  return (hasAlpha ? image.flatten({ background: '#ffffff' }) : image).jpeg({ quality: 85, mozjpeg: false }).toBuffer();
}
