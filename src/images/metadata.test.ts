import sharp from 'sharp';
import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { encodeImage } from './encode.js';
import { exifBlock, sizedExif, sizedXmp, uprightExif, uprightXmp } from './metadata.js';
import { exifOf, xmpOf } from './testing/corpus/metadata-cases.js';
import { readFields } from './tiff-structure.js';

const ORIENTATION = 18;
const WIDTH = 42;
const PIXELS_ACROSS = 64;

/** The same block with the low byte first, entry by entry. */
function littleEndian(): Buffer {
  const block = Buffer.from('II*\0\x08\0\0\0\x02\0', 'latin1');
  const entries = Buffer.alloc(28);
  entries.writeUInt16LE(0x0112, 0);
  entries.writeUInt16LE(3, 2);
  entries.writeUInt32LE(1, 4);
  entries.writeUInt16LE(8, 8);
  entries.writeUInt16LE(0x0101, 12);
  entries.writeUInt16LE(4, 14);
  entries.writeUInt32LE(1, 16);
  entries.writeUInt32LE(5, 20);
  entries.writeUInt32LE(999, 24);
  return Buffer.concat([block, entries]);
}

test('pixels that stand upright are said to, in blocks with and without their prefix', () => {
  const exif = exifOf(6);
  expect(Buffer.from(uprightExif(exif)).readUInt16BE(ORIENTATION)).toBe(1);
  const prefixed = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif]);
  expect(Buffer.from(uprightExif(prefixed)).readUInt16BE(ORIENTATION + 6)).toBe(1);
  expect(Buffer.from(uprightExif(littleEndian())).readUInt16LE(18)).toBe(1);
  expect(exif.readUInt16BE(ORIENTATION)).toBe(6);
});

test('a thumbnail is no longer pointed to', () => {
  const little = littleEndian();
  expect(Buffer.from(uprightExif(little)).readUInt32LE(34)).toBe(0);
  expect(Buffer.from(uprightExif(little)).subarray(0, 18)).toEqual(little.subarray(0, 18));
});

test('entries of the size say the new one, as long numbers where short ones do not reach', () => {
  const sized = Buffer.from(sizedExif(exifOf(1), { width: 70_000, height: 20 }));
  expect(sized.readUInt32BE(WIDTH)).toBe(70_000);
  expect([sized.readUInt16BE(PIXELS_ACROSS + 2), sized.readUInt32BE(PIXELS_ACROSS + 8)]).toEqual([
    4, 70_000,
  ]);
  expect(sized.readUInt16BE(PIXELS_ACROSS + 12 + 8)).toBe(20);
  expect(Buffer.from(sizedExif(littleEndian(), { width: 7, height: 33 })).readUInt32LE(30)).toBe(
    33,
  );
});

test.each([
  ['nothing', ''],
  ['no directory', 'II*\0'],
  ['a directory behind the end', 'MM\0*\xff\xff\xff\xff'],
  ['entries behind the end', 'II*\0\x08\0\0\0\xff\xff\x12\x01'],
])('%s is copied as it is', (_, text) => {
  const damaged = Buffer.from(text, 'latin1');
  expect(Buffer.from(uprightExif(damaged))).toEqual(damaged);
  expect(Buffer.from(sizedExif(damaged, { width: 1, height: 1 }))).toEqual(damaged);
});

test('XMP says the same, in attributes and elements, and nothing else changes', () => {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const packet = text(xmpOf(6));
  expect(text(uprightXmp(xmpOf(6)))).toBe(
    packet.replace('tiff:Orientation="6"', 'tiff:Orientation="1"'),
  );
  const sized = text(sizedXmp(xmpOf(6), { width: 36, height: 20 }));
  expect(sized).toBe(packet.replace('<tiff:ImageWidth>9<', '<tiff:ImageWidth>36<'));
  const other = new TextEncoder().encode("<a tiff:Orientation = '3' exif:PixelYDimension='5'/>");
  expect(text(sizedXmp(uprightXmp(other), { width: 1, height: 20 }))).toBe(
    "<a tiff:Orientation = '1' exif:PixelYDimension='20'/>",
  );
  const noText = Uint8Array.of(0xff, 0xfe, 0x3c, 0x00);
  expect(uprightXmp(noText)).toEqual(noText);
});

const exposure = {
  make: 'A maker of cameras',
  model: 'X1',
  exposureSeconds: 1 / 125,
  aperture: 2.8,
  iso: 400,
};

test('an exposure is told in the words of EXIF', async () => {
  const block = (await exifBlock(exposure))!;
  const first = readFields(block);
  const find = (tag: number, entries = first) => entries.find((entry) => entry.tag === tag)!.value;
  expect(find(0x010f).toString('latin1')).toBe('A maker of cameras\0');
  expect(find(0x0110).toString('latin1')).toBe('X1\0');
  const inner = readFields(block, find(0x8769).readUInt32LE(0));
  const ratio = (tag: number) =>
    find(tag, inner).readUInt32LE(0) / find(tag, inner).readUInt32LE(4);
  expect(find(0x829a, inner).readUInt32LE(4)).toBe(125);
  expect(ratio(0x829a)).toBe(1 / 125);
  expect(ratio(0x829d)).toBeCloseTo(2.8, 6);
  expect(find(0x8827, inner).readUInt16LE(0)).toBe(400);
});

test.each([2.5, 1, 0.4, 1 / 8000, 30])('an exposure of %f seconds is kept', async (seconds) => {
  const block = (await exifBlock({ exposureSeconds: seconds }))!;
  const [pointer] = readFields(block);
  const [entry] = readFields(block, pointer!.value.readUInt32LE(0));
  const told = entry!.value.readUInt32LE(0) / entry!.value.readUInt32LE(4);
  expect(told / seconds).toBeCloseTo(1, 3);
});

test.each(['png', 'jpeg', 'webp', 'avif'] as const)('%s files carry it', async (format) => {
  const exif = (await exifBlock(exposure))!;
  const bytes = await encodeImage({ tensor: tensor([3, 8, 8]), bitDepth: 8, exif }, format);
  const { exif: found } = await sharp(bytes).metadata();
  expect(found!.toString('latin1')).toContain('A maker of cameras');
});

test('nothing known is no block', async () => {
  expect(await exifBlock({})).toBeUndefined();
});
