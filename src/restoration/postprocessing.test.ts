import { expect, test } from 'vitest';
import { resizeBicubic } from '../degradation/bicubic-resize.js';
import { makeConsistentWithin } from '../degradation/operators/consistency.js';
import { bicubicReduction } from '../degradation/operators/linear-operators.js';
import { testRunner } from '../engine/testing/runners.js';
import { normalAt } from '../tensor/random.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { resolveResult } from './postprocessing.js';
import { restoreImage } from './restore.js';
import { largestDifference, waves } from './testing/images.js';
import { compactPack, madeUpManifest } from './testing/packs.js';
import { countingRunner } from './testing/runners.js';

const runner = await testRunner();
const pack = compactPack();
const input = waves(24, 28);
const settings = { tau: 6, steps: 2, seed: 5 } as const;
const exact = { ...settings, consistency: 'exact' } as const;

test('a consistent result, reduced again, is the input', async () => {
  // Far from black and white, where [0, 1] would bind.
  const grey = tensor(
    input.shape,
    input.data.map((value) => 0.5 + 0.2 * (value - 0.5)),
  );
  const free = await restoreImage(grey, pack, runner, settings);
  const bound = await restoreImage(grey, pack, runner, exact);
  const again = (result: typeof free) => resizeBicubic(result.image, { scale: 1 / 4 });
  expect(largestDifference(again(free), grey)).toBeGreaterThan(0.02);
  expect(largestDifference(again(bound), grey)).toBeLessThan(1e-3);
  expect(Math.max(...bound.image.data)).toBeLessThanOrEqual(1);
  expect(Math.min(...bound.image.data)).toBeGreaterThanOrEqual(0);
  expect(bound.result).toEqual({ consistency: 'exact', detail: 1 });
});

test('a cautious result agrees with a clean input nearly and leaves the noise of a noisy one', async () => {
  const grey = tensor(
    input.shape,
    input.data.map((value) => 0.5 + 0.1 * (value - 0.5)),
  );
  const noisy = tensor(
    input.shape,
    grey.data.map((value, place) => value + 0.03 * normalAt(1, 1, place)),
  );
  const errorOf = async (given: Tensor, consistency: 'exact' | 'cautious') => {
    const { image } = await restoreImage(given, pack, runner, { ...settings, consistency });
    return largestDifference(resizeBicubic(image, { scale: 1 / 4 }), given);
  };
  expect(await errorOf(noisy, 'exact')).toBeLessThan(5e-3);
  expect(await errorOf(noisy, 'cautious')).toBeGreaterThan(0.02);
  expect(await errorOf(grey, 'cautious')).toBeLessThan(0.01);
});

test('regions are made consistent each by itself, to the values of the whole', async () => {
  const large = waves(110, 104);
  const one = { tau: 6, steps: 1, consistency: 'exact' } as const;
  const whole = await restoreImage(large, pack, runner, one);
  const regions = await restoreImage(large, pack, runner, { ...one, region: 388 });
  expect(regions.regions).toEqual({ count: 4, exact: true });
  expect(largestDifference(regions.image, whole.image)).toBeLessThan(1e-6);
});

test('detail 0 is the consistent image of the restoration network, without a chain', async () => {
  const counting = countingRunner(runner);
  const { image, restored, nfe } = await restoreImage(input, pack, counting, {
    ...exact,
    detail: 0,
  });
  expect(counting.runs.get('evaluate') ?? 0).toBe(0);
  expect(nfe).toBe(1);
  const expected = makeConsistentWithin(bicubicReduction(4, 96, 112), restored, input);
  expect(largestDifference(image, expected)).toBe(0);
});

test('between 0 and 1 the detail blends both images', async () => {
  const at = (detail: number) => restoreImage(input, pack, runner, { ...exact, detail });
  const [plain, part, sample] = [await at(0), await at(0.3), await at(1)];
  part.image.data.forEach((value, place) => {
    const [from, to] = [plain.image.data[place]!, sample.image.data[place]!];
    expect(value).toBeCloseTo(from + 0.3 * (to - from), 6);
  });
});

test('a pack says what its results are made like, and a request has the last word', () => {
  const manifest = madeUpManifest({ result: { consistency: 'exact', detail: 0.6 } });
  expect(resolveResult({}, manifest)).toEqual({ consistency: 'exact', detail: 0.6 });
  expect(resolveResult({ consistency: 'none', detail: 1 }, manifest)).toEqual({
    consistency: 'none',
    detail: 1,
  });
  expect(resolveResult({}, madeUpManifest())).toEqual({ consistency: 'none', detail: 1 });
});

test.each([
  [{ detail: 1.1 }, {}],
  [{ detail: Number.NaN }, {}],
  [{ consistency: 'exact' }, { task: 'deblur', scale: 1 }],
  [{ consistency: 'loose' }, {}],
] as const)('%o with a pack of %o is refused', (request, manifest) => {
  expect(() => resolveResult(request as never, madeUpManifest(manifest))).toThrow(ParameterError);
});
