import { expect, test } from 'vitest';
import { DpirError } from '../tensor/errors.js';
import { integerAt } from '../tensor/random.js';
import { decodeImageBytes } from './decode.js';
import { corpus } from './testing/corpus/index.js';

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

test('files with random damage are pictures or typed errors', async () => {
  const outcomes = { pictures: 0, errors: 0 };
  for (let round = 0; round < 120; round += 1) {
    const { bytes } = subjects[round % subjects.length]!;
    const file = damaged(await bytes(), round);
    try {
      const { tensor } = await decodeImageBytes(file, 'damaged', { maxPixels: 1e6 });
      expect(tensor.data.every((value) => value >= 0 && value <= 1)).toBe(true);
      outcomes.pictures += 1;
    } catch (error) {
      expect(error).toBeInstanceOf(DpirError);
      outcomes.errors += 1;
    }
  }
  expect(outcomes.pictures).toBeGreaterThan(0);
  expect(outcomes.errors).toBeGreaterThan(0);
});
