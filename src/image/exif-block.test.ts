import sharp from 'sharp';
import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { encodeImage } from './encode.js';
import { exifBlock } from './exif-block.js';
import { readEntries } from './writers/tiff-entries.js';

const exposure = {
  make: 'A maker of cameras',
  model: 'X1',
  exposureSeconds: 1 / 125,
  aperture: 2.8,
  iso: 400,
};

test('an exposure is told in the words of EXIF', async () => {
  const block = (await exifBlock(exposure))!;
  const first = readEntries(block);
  const find = (tag: number, entries = first) => entries.find((entry) => entry.tag === tag)!.value;
  expect(find(0x010f).toString('latin1')).toBe('A maker of cameras\0');
  expect(find(0x0110).toString('latin1')).toBe('X1\0');
  const inner = readEntries(block, find(0x8769).readUInt32LE(0));
  const ratio = (tag: number) =>
    find(tag, inner).readUInt32LE(0) / find(tag, inner).readUInt32LE(4);
  expect(find(0x829a, inner).readUInt32LE(4)).toBe(125);
  expect(ratio(0x829a)).toBe(1 / 125);
  expect(ratio(0x829d)).toBeCloseTo(2.8, 6);
  expect(find(0x8827, inner).readUInt16LE(0)).toBe(400);
});

test.each([2.5, 1, 0.4, 1 / 8000, 30])('an exposure of %f seconds is kept', async (seconds) => {
  const block = (await exifBlock({ exposureSeconds: seconds }))!;
  const [pointer] = readEntries(block);
  const [entry] = readEntries(block, pointer!.value.readUInt32LE(0));
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
