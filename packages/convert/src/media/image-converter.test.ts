import sharp from 'sharp';
import { expect, test } from 'vitest';
import { ConversionError } from '../evidence/converter.ts';
import { imageToWeb } from './image-converter.ts';

const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 4, background: { r: 10, g: 100, b: 200, alpha: 0.5 } } });

test.each(['png', 'webp', 'tiff', 'avif'] as const)(
  '%s is shown as JPEG, small enough and without metadata',
  async (from) => {
    const source = await blank(300, 200)
      .withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '22/1 17/1 0/1' } })
      [from]()
      .toBuffer();
    const { bytes, fidelity } = await imageToWeb.convert(source, { format: 'jpeg', longest: 100 });
    const about = await sharp(bytes?.content).metadata();
    expect([about.format, about.width, about.height, about.exif]).toEqual(['jpeg', 100, 67, undefined]);
    expect(fidelity.kept.map(({ path }) => path)).toContain('full resolution');
    // sharp writes no EXIF into a TIFF
    expect(fidelity.kept.some(({ path }) => path.startsWith('EXIF'))).toBe(from !== 'tiff');
  },
);

test('a photograph held sideways is shown upright', async () => {
  const source = await blank(30, 20).jpeg().withMetadata({ orientation: 6 }).toBuffer();
  const { bytes } = await imageToWeb.convert(source, { format: 'png' });
  const { width, height } = await sharp(bytes?.content).metadata();
  expect([width, height]).toEqual([20, 30]);
});

test('a picture that would fill the memory is refused before it is read', async () => {
  const small = await sharp({ create: { width: 10, height: 10, channels: 3, background: '#000' } })
    .png()
    .toBuffer();
  small.writeUInt32BE(60_000, 16);
  small.writeUInt32BE(60_000, 20);
  await expect(imageToWeb.convert(small, { format: 'jpeg' })).rejects.toThrow(ConversionError);
  const large = await sharp({ create: { width: 11_000, height: 10_000, channels: 3, background: '#000' } })
    .png({ compressionLevel: 9 })
    .toBuffer();
  await expect(imageToWeb.convert(large, { format: 'jpeg' })).rejects.toThrow(/100 million pixels/);
});
