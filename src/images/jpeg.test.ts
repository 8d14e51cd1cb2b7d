import sharp from 'sharp';
import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { LimitError, ParameterError } from '../utils/errors.js';
import { decodeImageBytes } from './decode.js';
import { encodeImage } from './encode.js';
import { rangeReader } from './format.js';
import { countScans } from './jpeg.js';
import { openImage } from './source.js';
import { exifOf, xmpOf } from './testing/corpus/metadata-cases.js';

const image = { tensor: tensor([3, 5, 9]), bitDepth: 8 } as const;

test('EXIF and XMP stand in a JPEG file byte by byte', async () => {
  const [exif, xmp] = [exifOf(1), xmpOf(1)];
  const file = await encodeImage({ ...image, exif, xmp }, 'jpeg');
  const found = await sharp(file).metadata();
  expect(Buffer.from(found.exif!)).toEqual(Buffer.concat([Buffer.from('Exif\0\0'), exif]));
  expect(found.xmp).toEqual(xmp);
  const prefixed = Buffer.concat([Buffer.from('Exif\0\0'), exif]);
  expect(await encodeImage({ ...image, exif: prefixed, xmp }, 'jpeg')).toEqual(file);
});

test('the largest that a segment holds survives, more is refused by its size', async () => {
  const exif = Buffer.concat([exifOf(1), Buffer.alloc(65527 - 98, 7)]);
  const xmp = Buffer.alloc(65504, 32);
  const decoded = await decodeImageBytes(await encodeImage({ ...image, exif, xmp }, 'jpeg'));
  expect(decoded.exif!.length).toBe(65527 + 6);
  expect(decoded.xmp!.length).toBe(65504);
  for (const [what, more] of [
    ['EXIF of 65528 bytes', { exif: Buffer.concat([exif, Buffer.alloc(1)]) }],
    ['XMP of 65505 bytes', { xmp: Buffer.alloc(65505, 32) }],
  ] as const) {
    const writing = encodeImage({ ...image, ...more }, 'jpeg');
    await expect(writing).rejects.toThrow(ParameterError);
    await expect(writing).rejects.toThrow(what);
    await expect(encodeImage({ ...image, ...more }, 'png')).resolves.toBeDefined();
  }
});

const pixels = Uint8Array.from({ length: 3 * 40 * 30 }, (_, at) => (at * 7919) >>> 3);
const encoded = (progressive: boolean): Promise<Buffer> =>
  sharp(pixels, { raw: { width: 40, height: 30, channels: 3 } })
    .jpeg({ progressive })
    .withExif({ IFD0: { ImageDescription: 'x' } })
    .toBuffer();
const scansOf = (bytes: Uint8Array, most = 1000): Promise<number> =>
  countScans(rangeReader(bytes), most);

/** The last scan of a JPEG file, with its header. */
function lastScan(jpeg: Buffer): Buffer {
  return jpeg.subarray(jpeg.lastIndexOf(Buffer.of(0xff, 0xda)), -2);
}

function withScans(jpeg: Buffer, count: number): Buffer {
  const more = new Array<Buffer>(count).fill(lastScan(jpeg));
  return Buffer.concat([jpeg.subarray(0, -2), ...more, Buffer.of(0xff, 0xd9)]);
}

test('scans are counted as far as a decoder goes through them', async () => {
  const [plain, progressive] = [await encoded(false), await encoded(true)];
  expect(await scansOf(plain)).toBe(1);
  expect(await scansOf(withScans(plain, 5))).toBe(1);
  const own = await scansOf(progressive);
  expect(own).toBeGreaterThan(3);
  expect(await scansOf(withScans(progressive, 7))).toBe(own + 7);
  expect(await scansOf(withScans(progressive, 700), 50)).toBe(50);
});

test('scans are found across the parts in which a file is read', async () => {
  const progressive = await encoded(true);
  const sos = Buffer.from([0xff, 0xda]);
  const filler = new Uint8Array(2 ** 20);
  const cut = progressive.length - 2;
  for (let shift = -3; shift <= 3; shift += 1) {
    const fill = filler.subarray(0, 2 ** 20 - cut + progressive.indexOf(sos) + shift + 2);
    const long = Buffer.concat([progressive.subarray(0, cut), fill, lastScan(progressive)]);
    expect(await scansOf(long)).toBe((await scansOf(progressive)) + 1);
  }
});

test('what is no JPEG ends', async () => {
  for (const text of ['', '\xff', '\xff\xd8', '\xff\xd8\xff\xc2\x00\x00', '\xff\xff\xff\xff'])
    expect(await scansOf(Buffer.from(text, 'latin1'))).toBe(0);
});

test('an image of scans without measure is refused by its header', async () => {
  const hostile = withScans(await encoded(true), 200);
  await expect(openImage(hostile, 'scans.jpg')).rejects.toThrow(LimitError);
  await expect(openImage(hostile, 'scans.jpg')).rejects.toThrow('more than 100 scans');
});
