import { expect, test } from 'vitest';
import { handShakeMatrix, invertAffine, warpAffine } from '../degradation/warp-affine.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { withSubject } from '../utils/testing/errors.js';
import { alignedPsnr, matchColours, psnr } from './psnr.js';
import { meanOfChannels, phaseCorrelation, registration } from './registration.js';
import { deadLeaves, withNoise } from './testing/dead-leaves.js';

const [height, width] = [192, 208];
/** Smooth enough that sampling between pixels loses little. */
const smooth = (image: Tensor): Tensor => {
  const result = tensor(image.shape);
  const [, h, w] = image.shape as [number, number, number];
  const at = (c: number, y: number, x: number) =>
    image.data[(c * h + Math.min(h - 1, Math.max(0, y))) * w + Math.min(w - 1, Math.max(0, x))]!;
  result.data.forEach((_, index) => {
    const [c, y, x] = [Math.floor(index / (h * w)), Math.floor(index / w) % h, index % w];
    let sum = 0;
    for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) sum += at(c, y + dy, x + dx);
    result.data[index] = sum / 25;
  });
  return result;
};
const scene = smooth(smooth(deadLeaves(6, height, width)));
const metric = alignedPsnr.open();

const recoloured = (image: Tensor, matrix: readonly number[]): Tensor => {
  const pixels = image.data.length / 3;
  return tensor(
    image.shape,
    image.data.map((_, index) => {
      const [row, pixel] = [3 * Math.floor(index / pixels), index % pixels];
      return [0, 1, 2].reduce((s, c) => s + matrix[row + c]! * image.data[c * pixels + pixel]!, 0);
    }),
  );
};

test('phase correlation finds whole pixels', () => {
  const moved = warpAffine(scene, [1, 0, 7, 0, 1, -5]);
  expect(phaseCorrelation(meanOfChannels(scene), meanOfChannels(moved))).toEqual([7, -5]);
});

test('registration finds shift and rotation to a fiftieth of a pixel, whatever the exposure', () => {
  const shake = handShakeMatrix({ x: 4.3, y: -2.6, rotation: 0.8 }, height, width);
  const moved = warpAffine(scene, shake);
  const darker = tensor(
    moved.shape,
    moved.data.map((value) => 0.6 * value + 0.05),
  );
  const found = registration(meanOfChannels(scene), meanOfChannels(darker));
  for (const [x, y] of [
    [20, 20],
    [180, 30],
    [100, 100],
    [30, 170],
  ] as const)
    for (const row of [0, 3]) {
      const position = (matrix: readonly number[]) =>
        matrix[row]! * x + matrix[row + 1]! * y + matrix[row + 2]!;
      expect(Math.abs(position(found) - position(shake))).toBeLessThan(0.02);
    }
  expect(invertAffine(found)).toHaveLength(6);
});

test('movement and a linear change of colours cost little', () => {
  const shake = handShakeMatrix({ x: 3.4, y: 1.7, rotation: -0.4 }, height, width);
  const spoilt = recoloured(warpAffine(scene, shake), [0.7, 0.1, 0, 0.05, 0.8, 0.1, 0, 0.1, 0.6]);
  expect(psnr.open({ border: 40 }).measure(spoilt, scene)).toBeLessThan(20);
  expect(metric.measure(spoilt, scene)).toBeGreaterThan(38);
});

test('it is near PSNR where there is nothing to align, and far above it for equal images', () => {
  expect(metric.measure(scene, scene)).toBeGreaterThan(90);
  const noisy = withNoise(scene, 0.03, 4);
  const plain = psnr.open({ border: 40 }).measure(noisy, scene);
  expect(Math.abs(metric.measure(noisy, scene) - plain)).toBeLessThan(0.3);
});

test('what noise costs shows through movement', () => {
  const moved = warpAffine(scene, [1, 0, 2, 0, 1, 3]);
  const [weak, strong] = [0.02, 0.06].map((deviation) =>
    metric.measure(withNoise(moved, deviation, 5), scene),
  );
  expect(weak! - strong!).toBeGreaterThan(8);
  expect(weak! - strong!).toBeLessThan(10.5);
});

test('positions whose colours do not fit are left out', () => {
  const spoilt = tensor(scene.shape, scene.data.slice());
  for (let line = 0; line < 3 * height; line++)
    if (line % height >= 96 && line % height < 112)
      spoilt.data.fill(0, line * width + 96, line * width + 112);
  const { valid } = matchColours(scene, spoilt);
  expect(valid.data[12 * valid.width + 12]).toBe(0);
  const inner = (valid.height - 10) * (valid.width - 10);
  expect(valid.data.reduce((sum, value) => sum + value)).toBeGreaterThan(0.6 * inner);
  expect(valid.data[2 * valid.width + 12]).toBe(0);
});

test('it states how it is to be read and refuses what it cannot measure', () => {
  expect(metric).toMatchObject({
    name: 'aligned-psnr',
    direction: 'higher',
    unit: 'dB',
    border: 40,
  });
  expect(alignedPsnr.open({ border: 8 }).border).toBe(8);
  const small = tensor([3, 127, 200]);
  expect(() => metric.measure(small, small)).toThrow(/at least 128 x 128/);
  const flat = tensor([3, 130, 130], new Float32Array(3 * 130 * 130).fill(0.5));
  expect(() => metric.measure(flat, flat)).toThrow(/more than one colour/);
  const nan = tensor(
    scene.shape,
    scene.data.map((v, i) => (i === 5 ? Number.NaN : v)),
  );
  expect(() => metric.measure(nan, scene)).toThrow(/finite/);
  expect(() => metric.measure(tensor([3, 130, 130]), scene)).toThrow(withSubject('test'));
});
