import { expect, test } from 'vitest';
import { shippedNaturalScenes } from '../benchmark/metrics/open-metrics.js';
import { resizeBicubic } from '../degradation/bicubic-resize.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import {
  encodeNaturalScenes,
  fitNaturalScenes,
  type NaturalScenes,
  niqePlane,
  openNiqe,
  parseNaturalScenes,
  symmetricEigen,
  versionOf,
} from './niqe.js';
import { BLOCK_SIZE, blockFeatures, FEATURES, halve, normalisedPlane } from './niqe-features.js';
import { differenceOf } from './no-reference.js';
import { deadLeaves, withNoise } from './testing/dead-leaves.js';

const pristine = Array.from({ length: 6 }, (_, index) => deadLeaves(10 + index, 288, 384));
const fresh = deadLeaves(99, 288, 288);
const blurred = (scale: number) =>
  resizeBicubic(resizeBicubic(fresh, { scale }), { height: 288, width: 288 });
const scenes: Promise<NaturalScenes> = fitNaturalScenes(pristine, { name: 'leaves' });

test('what is like the photographs of the fit scores lower the less it is spoilt', async () => {
  const metric = openNiqe(await scenes);
  const score = (image: Tensor) => metric.measure(image);
  const own = score(fresh);
  expect(score(withNoise(fresh, 0.02, 1))).toBeGreaterThan(own * 1.2);
  expect(score(withNoise(fresh, 0.1, 1))).toBeGreaterThan(score(withNoise(fresh, 0.02, 1)));
  expect(score(blurred(0.5))).toBeGreaterThan(own * 1.2);
  expect(score(blurred(0.25))).toBeGreaterThan(score(blurred(0.5)));
});

test('the distance is that of the definition', async () => {
  const { mean, covariance } = await scenes;
  const { height, width, plane } = niqePlane(fresh, 0);
  const vectors = blockFeatures(plane, height, width).map(({ features }) => [...features!]);
  const own = mean.map((_, i) => vectors.reduce((sum, v) => sum + v[i]! / vectors.length, 0));
  const pooled = covariance.map((row, r) =>
    row.map((value, c) => {
      const products = vectors.map((v) => (v[r]! - own[r]!) * (v[c]! - own[c]!));
      return (value + products.reduce((sum, p) => sum + p, 0) / (vectors.length - 1)) / 2;
    }),
  );
  // d^T pooled^-1 d by elimination on the bordered matrix.
  const difference = mean.map((value, index) => value - own[index]!);
  const rows = pooled.map((row, index) => [...row, difference[index]!]);
  let square = 0;
  for (let pivot = 0; pivot < rows.length; pivot++) {
    const head = rows[pivot]!;
    square += head[FEATURES]! ** 2 / head[pivot]!;
    for (let row = pivot + 1; row < rows.length; row++) {
      const factor = rows[row]![pivot]! / head[pivot]!;
      rows[row] = rows[row]!.map((value, column) => value - factor * head[column]!);
    }
  }
  expect(openNiqe(await scenes).measure(fresh) / Math.sqrt(square)).toBeCloseTo(1, 6);
});

test('features are those of mirrored images with the sides of products exchanged', async () => {
  const { height, width, plane } = niqePlane(deadLeaves(4, 96, 96), 0);
  const [block] = blockFeatures(plane, height, width);
  const turned = plane.map(
    (_, index) => plane[(index % width) * width + Math.floor(index / width)]!,
  );
  const [other] = blockFeatures(turned, width, height);
  const [a, b] = [block!.features!, other!.features!];
  expect(a).toHaveLength(FEATURES);
  for (const scale of [0, 18]) {
    for (let index = 0; index < 2; index++)
      expect(b[scale + index]).toBeCloseTo(a[scale + index]!, 6);
    for (let index = 0; index < 4; index++) {
      expect(b[scale + 2 + index]).toBeCloseTo(a[scale + 6 + index]!, 6);
      expect(b[scale + 6 + index]).toBeCloseTo(a[scale + 2 + index]!, 6);
    }
  }
  expect(other!.sharpness).toBeCloseTo(block!.sharpness, 9);
});

test('brightness does not matter, nor what lies beyond whole blocks or in the border', async () => {
  const metric = openNiqe(await scenes);
  const own = metric.measure(fresh);
  const darker = tensor(
    fresh.shape,
    fresh.data.map((value) => value - 10 / 219),
  );
  expect(Math.abs(metric.measure(darker) / own - 1)).toBeLessThan(0.005);
  const larger = tensor([3, 300, 290]);
  for (let line = 0; line < 3 * 288; line++) {
    const row = Math.floor(line / 288) * 300 + (line % 288);
    larger.data.set(fresh.data.subarray(line * 288, (line + 1) * 288), row * 290);
  }
  expect(metric.measure(larger)).toBe(own);
  const framed = tensor([3, 296, 296]);
  for (let line = 0; line < 3 * 288; line++) {
    const row = Math.floor(line / 288) * 296 + 4 + (line % 288);
    framed.data.set(fresh.data.subarray(line * 288, (line + 1) * 288), row * 296 + 4);
  }
  expect(openNiqe(await scenes, { border: 4 }).measure(framed)).toBe(own);
});

test('blocks without texture are left out', async () => {
  const half = tensor(fresh.shape, fresh.data.slice());
  for (let channel = 0; channel < 3; channel++)
    half.data.fill(1, (channel * 288 + 192) * 288, (channel + 1) * 288 * 288);
  const { height, width, plane } = niqePlane(half, 0);
  const blocks = blockFeatures(plane, height, width);
  expect(blocks.filter(({ features }) => features === undefined)).toHaveLength(3);
  expect(Number.isFinite(openNiqe(await scenes).measure(half))).toBe(true);
});

test('the difference from the target is symmetric and 0 for the target itself', async () => {
  const blind = openNiqe(await scenes);
  const delta = differenceOf('niqe-delta', blind);
  const spoilt = withNoise(fresh, 0.05, 3);
  expect(await delta.measure(fresh, fresh)).toBe(0);
  const found = await delta.measure(spoilt, fresh);
  expect(await delta.measure(fresh, spoilt)).toBe(found);
  expect(found).toBe(Math.abs(blind.measure(spoilt) - blind.measure(fresh)));
});

test('halving is the resizing of imresize', () => {
  const plane = Float64Array.from({ length: 48 * 64 }, (_, index) => (index * 7919) % 256);
  const expected = resizeBicubic(tensor([48, 64], Float32Array.from(plane)), { scale: 0.5 });
  expect(expected.shape).toEqual([24, 32]);
  halve(plane, 48, 64).forEach((value, index) => {
    expect(value).toBeCloseTo(expected.data[index]!, 3);
  });
});

test('a flat plane has coefficients of exactly 0, and deviations follow the contrast', () => {
  const flat = normalisedPlane(new Float64Array(100).fill(77.7), 10, 10);
  expect(flat.coefficients.every((value) => value === 0)).toBe(true);
  const { plane } = niqePlane(fresh, 0);
  const [once, twice] = [plane, plane.map((value) => 2 * value + 9)].map(
    (each) => normalisedPlane(each, 288, 288).deviations,
  );
  const errors = twice!.map((value, index) => Math.abs(value - 2 * once![index]!));
  expect(errors.reduce((most, error) => Math.max(most, error))).toBeLessThan(1e-4);
});

test('eigenvectors rebuild a symmetric matrix', () => {
  const size = 9;
  const entry = (r: number, c: number) => Math.sin(1 + Math.min(r, c) * 3 + Math.max(r, c));
  const matrix = Array.from({ length: size }, (_, r) =>
    Array.from({ length: size }, (_, c) => entry(r, c) + (r === c ? 3 : 0)),
  );
  const { values, vectors } = symmetricEigen(matrix);
  for (let r = 0; r < size; r++)
    for (let c = 0; c < size; c++) {
      const built = values.reduce((sum, v, i) => sum + v * vectors[i]![r]! * vectors[i]![c]!, 0);
      expect(built).toBeCloseTo(matrix[r]![c]!, 10);
      const dot = vectors[r]!.reduce((sum, v, i) => sum + v * vectors[c]![i]!, 0);
      expect(dot).toBeCloseTo(r === c ? 1 : 0, 10);
    }
});

test('images of too few blocks and photographs without sharp blocks are refused', async () => {
  const metric = openNiqe(await scenes);
  expect(() => metric.measure(deadLeaves(1, BLOCK_SIZE, 2 * BLOCK_SIZE - 1))).toThrow(
    /at least two blocks of 96 x 96/,
  );
  expect(() => metric.measure(tensor([3, 200, 200]))).toThrow(ParameterError);
  const nan = tensor(
    fresh.shape,
    fresh.data.map(() => Number.NaN),
  );
  expect(() => metric.measure(nan)).toThrow(/finite/);
  await expect(fitNaturalScenes([fresh], { name: 'few' })).rejects.toThrow(/more than 36 sharp/);
});

test('the natural scenes of the package find less fault with what is sharp', async () => {
  const shipped = await shippedNaturalScenes();
  expect(shipped.blocks).toBeGreaterThan(500);
  const metric = openNiqe(shipped);
  expect(metric).toMatchObject({ name: 'niqe', direction: 'lower', colourSpace: 'luma' });
  expect(metric.version).toMatch(/^1 photographs-1 [0-9a-f]{8}$/);
  expect(metric.measure(blurred(0.25))).toBeGreaterThan(metric.measure(fresh));
  const { values } = symmetricEigen(shipped.covariance);
  expect(Math.min(...values)).toBeGreaterThan(0);
});

const mean = Array.from({ length: FEATURES }, (_, index) => Math.sin(index));
const covariance = mean.map((_, r) =>
  mean.map((_, c) => (r === c ? 2 : Math.cos(r + c) / (1 + Math.abs(r - c)))),
);
const whole = { mean, covariance };
const lower = { mean, covariance: covariance.map((row, index) => row.slice(0, index + 1)) };

test('whole matrices and those up to the diagonal are the same scenes', () => {
  const scenes = parseNaturalScenes(whole, 'mine.json');
  expect(scenes).toEqual({ name: 'mine.json', mean, covariance });
  expect(parseNaturalScenes(lower, 'mine.json')).toEqual(scenes);
});

test('what is written is read again and has the same version', () => {
  const scenes = { ...whole, name: 'streets', provenance: 'own photographs', blocks: 77 };
  const again = parseNaturalScenes(JSON.parse(encodeNaturalScenes(scenes)), 'file');
  expect(again).toMatchObject({ name: 'streets', provenance: 'own photographs', blocks: 77 });
  again.covariance.forEach((row, r) => {
    row.forEach((value, c) => {
      expect(value).toBeCloseTo(covariance[r]![c]!, 8);
    });
  });
  expect(versionOf(again)).toBe(versionOf(scenes));
  const other = { ...scenes, mean: mean.map((value, index) => (index === 3 ? 1 : value)) };
  expect(versionOf(other)).not.toBe(versionOf(scenes));
});

test.each<[string, unknown, RegExp]>([
  ['no object', 7, /holds no parameters of NIQE/],
  ['too few means', { ...whole, mean: mean.slice(1) }, /mean/],
  ['rows of other lengths', { ...whole, covariance: covariance.map((r) => r.slice(2)) }, /neither/],
  ['a number that is none', { ...whole, mean: mean.map(() => null) }, /mean/],
  [
    'no symmetry',
    { ...whole, covariance: covariance.map((row, r) => row.map((v, c) => (c > r ? v + 1 : v))) },
    /not symmetric/,
  ],
  [
    'a negative variance',
    { ...whole, covariance: covariance.map((row) => row.map((v) => -v)) },
    /negative variance/,
  ],
])('%s is refused', (_, json, message) => {
  const parse = () => parseNaturalScenes(json, 'mine.json');
  expect(parse).toThrow(ModelError);
  expect(parse).toThrow(message);
  expect(parse).toThrow(/^mine\.json/);
});
