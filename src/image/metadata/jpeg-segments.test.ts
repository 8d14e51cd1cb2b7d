import sharp from 'sharp';
import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { decodeImageBytes } from '../decode.js';
import { encodeImage } from '../encode.js';
import { exifOf, xmpOf } from '../testing/corpus/metadata-cases.js';

const picture = { tensor: tensor([3, 5, 9]), bitDepth: 8 } as const;

test('EXIF and XMP stand in a JPEG file byte by byte', async () => {
  const [exif, xmp] = [exifOf(1), xmpOf(1)];
  const file = await encodeImage({ ...picture, exif, xmp }, 'jpeg');
  const found = await sharp(file).metadata();
  expect(Buffer.from(found.exif!)).toEqual(Buffer.concat([Buffer.from('Exif\0\0'), exif]));
  expect(found.xmp).toEqual(xmp);
  const prefixed = Buffer.concat([Buffer.from('Exif\0\0'), exif]);
  expect(await encodeImage({ ...picture, exif: prefixed, xmp }, 'jpeg')).toEqual(file);
});

test('the largest that a segment holds survives, more is refused by its size', async () => {
  const exif = Buffer.concat([exifOf(1), Buffer.alloc(65527 - 98, 7)]);
  const xmp = Buffer.alloc(65504, 32);
  const decoded = await decodeImageBytes(await encodeImage({ ...picture, exif, xmp }, 'jpeg'));
  expect(decoded.exif!.length).toBe(65527 + 6);
  expect(decoded.xmp!.length).toBe(65504);
  for (const [what, more] of [
    ['EXIF of 65528 bytes', { exif: Buffer.concat([exif, Buffer.alloc(1)]) }],
    ['XMP of 65505 bytes', { xmp: Buffer.alloc(65505, 32) }],
  ] as const) {
    const writing = encodeImage({ ...picture, ...more }, 'jpeg');
    await expect(writing).rejects.toThrow(ParameterError);
    await expect(writing).rejects.toThrow(what);
    await expect(encodeImage({ ...picture, ...more }, 'png')).resolves.toBeDefined();
  }
});
