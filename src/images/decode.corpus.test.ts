import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { integerAt } from '../tensor/random.js';
import { DpirError, InputError, LimitError } from '../utils/errors.js';
import { alphaPlane, colourPlanes, type DecodedImage, decodeImageBytes } from './decode.js';
import { openStreamed, readRows } from './streamed-reader.js';
import type { CorpusImage, ExpectedImage } from './testing/corpus/case.js';
import { corpus } from './testing/corpus/corpus.js';

const folder = await temporaryFolder();

/** The largest difference of an image to what it should be. */
function worstDifference(image: DecodedImage, { width, at }: ExpectedImage): number {
  const pixels = image.tensor.data.length / 3;
  let worst = 0;
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    for (let channel = 0; channel < 4; channel += 1) {
      const data = channel === 3 ? image.alpha?.data : image.tensor.data;
      const value = data?.[channel === 3 ? pixel : channel * pixels + pixel];
      if (value !== undefined) worst = Math.max(worst, Math.abs(value - at!(x, y, channel)));
    }
  }
  return worst;
}

/** As decodeImageBytes, by way of the disk. */
async function decodeByDisk(
  bytes: Uint8Array,
  limits: CorpusImage['limits'],
): Promise<DecodedImage> {
  const path = join(folder, 'image');
  await writeFile(path, bytes);
  const { pixels, hasAlpha, ...facts } = await openStreamed(path, { ...(limits && { limits }) });
  try {
    const rows = await readRows(pixels, 0, pixels.height);
    return { tensor: colourPlanes(rows), ...(hasAlpha && { alpha: alphaPlane(rows) }), ...facts };
  } finally {
    await pixels.close();
  }
}

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('latin1');

test('the corpus has images of every kind, each of a name of its own', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(200);
  expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
});

test.each(corpus)('$name', async ({ bytes: make, limits, expected }) => {
  const bytes = await make();
  for (const decode of [
    () => decodeImageBytes(bytes, 'image', limits),
    () => decodeByDisk(bytes, limits),
  ]) {
    if ('error' in expected) {
      const error = await decode().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(expected.error === 'limit' ? LimitError : InputError);
      expect((error as DpirError).message).toMatch(expected.message);
      continue;
    }
    const image = await decode();
    const { width, height, bitDepth, grey, hasAlpha, icc, exif, xmp } = expected;
    expect(image.tensor.shape).toEqual([3, height, width]);
    expect(image).toMatchObject({ bitDepth, grey });
    expect(image.alpha?.shape).toEqual(hasAlpha ? [1, height, width] : undefined);
    expect(worstDifference(image, expected)).toBeLessThanOrEqual(expected.tolerance ?? 1e-6);
    if (icc !== undefined) expect(image.icc).toEqual(icc === 'none' ? undefined : icc);
    if (exif !== undefined) expect(text(image.exif)).toContain(exif);
    if (xmp !== undefined) expect(text(image.xmp)).toContain(xmp);
    expect(text(image.xmp)).not.toMatch(/Orientation="[^1]"/);
  }
});

/** Whole files, small enough to be read often. */
const subjects = corpus.filter(
  ({ name, expected }) =>
    !('error' in expected) &&
    expected.width * expected.height < 2000 &&
    /^(png|tiff|jpeg|webp|orientation|profile)/.test(name),
);

/** A file some of whose bytes are others, and which may end early. */
function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const place = (index: number, below: number): number => integerAt(seed, 0, index, below);
  const count = 1 + place(0, 6);
  for (let change = 0; change < count; change += 1)
    copy[place(3 * change + 1, copy.length)] = place(3 * change + 2, 256);
  return place(99, 4) === 0 ? copy.subarray(0, place(100, copy.length)) : copy;
}

test('files with random damage are images or typed errors', async () => {
  const outcomes = { images: 0, errors: 0 };
  for (let round = 0; round < 120; round += 1) {
    const { bytes } = subjects[round % subjects.length]!;
    const file = damaged(await bytes(), round);
    try {
      const { tensor } = await decodeImageBytes(file, 'damaged', { maxPixels: 1e6 });
      expect(tensor.data.every((value) => value >= 0 && value <= 1)).toBe(true);
      outcomes.images += 1;
    } catch (error) {
      expect(error).toBeInstanceOf(DpirError);
      outcomes.errors += 1;
    }
  }
  expect(outcomes.images).toBeGreaterThan(0);
  expect(outcomes.errors).toBeGreaterThan(0);
});
