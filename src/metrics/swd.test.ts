import { expect, test } from 'vitest';
import { fillNormal } from '../tensor/random.js';
import { tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { swd as metric, sketchImage, slicedWasserstein } from './sliced-wasserstein.js';

const swd = metric.open();

function noise(seed: number, deviation: number) {
  const data = new Float32Array(3 * 56 * 60);
  fillNormal(data, seed, 0);
  return tensor(
    [3, 56, 60],
    data.map((value) => 0.5 + deviation * value),
  );
}

const results = [0, 1, 2].map((seed) => noise(seed, 0.05));
const targets = [3, 4, 5].map((seed) => noise(seed, 0.02));
const scoreOf = swd.prepare(results.map(swd.sketch), targets.map(swd.sketch));

test('the score of a set and of a resample is the distance of their sketches', () => {
  const distance = (picks: readonly number[]) =>
    slicedWasserstein(
      picks.map((pick) => sketchImage(results[pick]!)),
      picks.map((pick) => sketchImage(targets[pick]!)),
    ).mean;
  for (const picks of [
    [0, 1, 2],
    [2, 2, 0],
  ])
    expect(scoreOf(picks)).toBeCloseTo(distance(picks), 6);
  expect(scoreOf([0, 1, 2])).toBeGreaterThan(1);
});

test('equal images have equal sketches, whose distance is 0', () => {
  expect(swd.sketch(noise(7, 0.1))).toEqual(swd.sketch(noise(7, 0.1)));
  const own = targets.map(swd.sketch);
  expect(swd.prepare(own, own)([0, 1, 2])).toBe(0);
});

test('bytes that are no sketch are refused', () => {
  expect(() => swd.prepare([new Uint8Array(8)], [new Uint8Array(8)])).toThrow(ParameterError);
});
