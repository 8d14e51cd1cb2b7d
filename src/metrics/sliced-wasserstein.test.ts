import { expect, test } from 'vitest';
import { integerAt, normalAt } from '../tensor/random.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import {
  coarsestSide,
  laplacianPyramid,
  prepareSlicedWasserstein,
  type SwdSketch,
  sketchImage,
  slicedWasserstein,
} from './sliced-wasserstein.js';
import { deadLeaves, withNoise } from './testing/dead-leaves.js';
import { blurred } from './testing/reference-pairs.js';

const targets = Array.from({ length: 6 }, (_, index) =>
  deadLeaves(40 + index, 96 + 8 * index, 128),
);
const sketched = (images: readonly Tensor[]) => images.map((image) => sketchImage(image));
const originals = sketched(targets);
const noisy = sketched(targets.map((image, index) => withNoise(image, 0.02, index)));

/** A sketch with one level whose projections are given, [directions][patches]. */
function handMade(rows: readonly (readonly number[])[]): SwdSketch {
  const settings = { levels: 1, patches: rows[0]!.length, directions: rows.length, seed: 0 };
  return { settings, levels: [Float32Array.from(rows.flat())] };
}

test('equal sets are at a distance of 0, in whatever order', () => {
  const same = slicedWasserstein(originals, [...originals].reverse());
  expect(same).toEqual({ levels: [0, 0, 0, 0], mean: 0 });
});

test('it is the mean over directions of the exact distance on a line', () => {
  // Sorted, -2 1 3 0.5 against 0 4 2 -1: |-2+1| + |0.5-0| + |1-2| + |3-4| over 4.
  const a = handMade([[-2, 1, 3, 0.5]]);
  const b = handMade([[0, 4, 2, -1]]);
  expect(slicedWasserstein([a], [b]).levels).toEqual([0.875]);
  // The second direction: |1-2| + |1-2| + |1-2| + |5-2| over 4, 1.5.
  const c = handMade([
    [-2, 1, 3, 0.5],
    [1, 1, 1, 5],
  ]);
  const d = handMade([
    [0, 4, 2, -1],
    [2, 2, 2, 2],
  ]);
  expect(slicedWasserstein([c], [d]).mean).toBe((0.875 + 1.5) / 2);
});

test('sets of different number: every image weighs the same within its set', () => {
  // Half of the first set's mass is at 0 and half at 4, all of the second's is at 1.
  const [zero, four, one] = [0, 4, 1].map((value) => handMade([[value, value]]));
  expect(slicedWasserstein([zero!, four!], [one!]).mean).toBe((1 + 3) / 2);
  expect(slicedWasserstein([zero!, zero!, four!], [one!]).mean).toBeCloseTo((2 + 3) / 3, 12);
});

test('it agrees with sorting in full, sign and order of the values notwithstanding', () => {
  const count = 500;
  const values = (seed: number) =>
    Array.from({ length: count }, (_, index) =>
      Math.fround(normalAt(seed, 0, index) * 10 ** integerAt(seed, 1, index, 5)),
    );
  const [x, y] = [values(1), values(2)];
  const ascending = (row: readonly number[]) => [...row].sort((p, q) => p - q);
  const [u, v] = [ascending(x), ascending(y)];
  const expected = u.reduce((sum, value, at) => sum + Math.abs(value - v[at]!), 0) / count;
  const found = slicedWasserstein([handMade([x])], [handMade([y])]).mean;
  expect(found / expected).toBeCloseTo(1, 6);
});

test('it grows with noise, which shows at the finest level most', () => {
  const distances = [0.01, 0.02, 0.04].map((deviation) =>
    slicedWasserstein(
      sketched(targets.map((image, index) => withNoise(image, deviation, index))),
      originals,
    ),
  );
  for (const [index, { levels, mean }] of distances.entries()) {
    expect(levels[0]).toBe(Math.max(...levels));
    if (index > 0) expect(mean).toBeGreaterThan(1.5 * distances[index - 1]!.mean);
  }
});

test('it grows with blur', () => {
  const once = targets.map(blurred);
  const twice = once.map(blurred);
  const [first, second] = [once, twice].map((images) =>
    slicedWasserstein(sketched(images), originals),
  );
  expect(first!.mean).toBeGreaterThan(0.2);
  expect(second!.mean).toBeGreaterThan(1.2 * first!.mean);
});

test('noise in place of detail does not pass, and detail in another position does', () => {
  // A set is nearer to others of its kind than to its own images blurred and grainy.
  const kind = (seed: number) =>
    Array.from({ length: 16 }, (_, index) => deadLeaves(seed + index, 48, 64));
  const finest = (images: readonly Tensor[]) =>
    images.map((image) => sketchImage(image, { levels: 2, patches: 256 }));
  const images = kind(190);
  const grainy = images.map((image, index) => withNoise(blurred(image), 0.05, index));
  const others = finest(kind(90));
  const [natural, replaced] = [images, grainy].map(
    (set) => slicedWasserstein(finest(set), others).levels[0]!,
  );
  expect(natural).toBeLessThan(replaced! / 2);
});

test('white noise of deviation s on flat images is at the distance of its law, at the finest level', () => {
  // Between a point and a Gaussian of deviation s the distance is s sqrt(2 / pi).
  const flat = Array.from({ length: 4 }, () =>
    tensor([3, 96, 96], new Float32Array(27648).fill(0.5)),
  );
  const deviation = 5;
  const white = flat.map(({ shape, data }, seed) =>
    tensor(
      shape,
      data.map((value, index) => value + (deviation / 255) * normalAt(seed, 0, index)),
    ),
  );
  const { levels } = slicedWasserstein(
    white.map((image) => sketchImage(image, { levels: 1 })),
    flat.map((image) => sketchImage(image, { levels: 1 })),
  );
  expect(levels[0]! / (deviation * Math.sqrt(2 / Math.PI))).toBeCloseTo(1, 1);
});

test('resamples are those of the sets that they name', () => {
  const resampled = prepareSlicedWasserstein(noisy, originals);
  const whole = slicedWasserstein(noisy, originals);
  expect(resampled([0, 1, 2, 3, 4, 5]).mean).toBeCloseTo(whole.mean, 12);
  expect(resampled([5, 3, 1, 0, 2, 4])).toEqual(resampled([0, 1, 2, 3, 4, 5]));
  for (const picks of [[2], [0, 0, 0, 5], [1, 1, 2, 3, 5, 5]]) {
    const expected = slicedWasserstein(
      picks.map((pick) => noisy[pick]!),
      picks.map((pick) => originals[pick]!),
    );
    const found = resampled(picks);
    found.levels.forEach((value, level) => {
      expect(value / expected.levels[level]!).toBeCloseTo(1, 6);
    });
  }
  const unpaired = resampled([0, 1], [3, 4, 5]).mean;
  expect(unpaired / slicedWasserstein(noisy.slice(0, 2), originals.slice(3)).mean).toBeCloseTo(
    1,
    6,
  );
});

test('a resample of equal sets is at 0', () => {
  expect(prepareSlicedWasserstein(originals, originals)([4, 4, 1]).mean).toBe(0);
});

test('target and result of equal size are looked at in the same positions', () => {
  const [image] = targets as [Tensor];
  const darker = tensor(
    image.shape,
    image.data.map((value) => value / 2),
  );
  const [a, b] = [sketchImage(image), sketchImage(darker)];
  a.levels.forEach((level, index) => {
    level.forEach((value, at) => {
      expect(Math.abs(b.levels[index]![at]! - value / 2)).toBeLessThan(1e-3);
    });
  });
});

test('directions and positions are those of the seed', () => {
  const [image] = targets as [Tensor];
  expect(sketchImage(image)).toEqual(originals[0]);
  expect(sketchImage(image, { seed: 1 }).levels).not.toEqual(originals[0]!.levels);
});

test('a pyramid gives its plane back, and an even plane has nothing but its coarsest level', () => {
  const [height, width] = [37, 50];
  const data = Float32Array.from({ length: height * width }, (_, index) => normalAt(3, 0, index));
  const pyramid = laplacianPyramid({ height, width, data }, 3);
  expect(pyramid.map((level) => [level.height, level.width])).toEqual([
    [37, 50],
    [19, 25],
    [10, 13],
  ]);
  expect(coarsestSide(37, 3)).toBe(10);
  const even = laplacianPyramid({ height, width, data: data.map(() => 7) }, 3);
  even.forEach((level, index) => {
    for (const value of level.data) expect(value).toBeCloseTo(index === 2 ? 7 : 0, 5);
  });
});

test('a level of an impulse is what filtering twice leaves of it', () => {
  const data = new Float32Array(15 * 15);
  data[7 * 15 + 6] = 1;
  const [fine, coarse] = laplacianPyramid({ height: 15, width: 15, data }, 2);
  // Around a pixel of even column and odd row: halves take 6/16 along the row, 4/16 from the rows
  // above and below, and give back 2 (6/16) along the row and 2 (4/16) twice down the column.
  expect(coarse!.data[3 * 8 + 3]).toBeCloseTo((4 / 16) * (6 / 16), 7);
  const along = 2 * ((1 / 16) ** 2 + (6 / 16) ** 2 + (1 / 16) ** 2);
  const down = 2 * ((4 / 16) ** 2 + (4 / 16) ** 2);
  expect(fine!.data[7 * 15 + 6]).toBeCloseTo(1 - along * down, 6);
});

test('what cannot be sketched or compared is refused', () => {
  expect(() => sketchImage(tensor([3, 48, 100]))).toThrow(/at least 7 pixels each way/);
  expect(sketchImage(tensor([3, 49, 100])).levels).toHaveLength(4);
  expect(() => sketchImage(tensor([1, 64, 64]))).toThrow(ParameterError);
  expect(() => sketchImage(tensor([3, 64, 64]), { patches: 0 })).toThrow(withSubject('patches'));
  const broken = tensor([3, 64, 64], new Float32Array(3 * 64 * 64).fill(Number.NaN));
  expect(() => sketchImage(broken)).toThrow(/finite/);
  expect(() => slicedWasserstein([], originals)).toThrow(withSubject('a'));
  expect(() => slicedWasserstein(originals, [])).toThrow(withSubject('b'));
  const other = sketchImage(targets[0]!, { seed: 1 });
  expect(() => slicedWasserstein([other], originals)).toThrow(withSubject('b'));
  const resampled = prepareSlicedWasserstein(noisy, originals);
  expect(() => resampled([])).toThrow(withSubject('aPicks'));
  expect(() => resampled([6])).toThrow(/indices below 6/);
});
