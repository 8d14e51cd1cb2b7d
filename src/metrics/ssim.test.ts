import { expect, test } from 'vitest';
import { resizeBicubic } from '../degradation/bicubic-resize.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { planesOf } from './planes.js';
import { msSsim, planeSimilarity } from './ssim.js';
import { deadLeaves, withNoise } from './testing/dead-leaves.js';

const image = deadLeaves(3, 183, 197);
const noisy = withNoise(image, 0.08, 1);

test('it is the weighted product over scales of half the size each', () => {
  const half = ({ shape, data }: Tensor): Tensor => {
    const [, height, width] = shape as [number, number, number];
    const result = tensor([3, Math.ceil(height / 2), Math.ceil(width / 2)]);
    const at = (c: number, y: number, x: number) =>
      data[(c * height + Math.min(y, height - 1)) * width + Math.min(x, width - 1)]!;
    result.data.forEach((_, index) => {
      const columns = result.shape[2]!;
      const [c, rest] = [
        Math.floor(index / (columns * result.shape[1]!)),
        index % (columns * result.shape[1]!),
      ];
      const [y, x] = [2 * Math.floor(rest / columns), 2 * (rest % columns)];
      result.data[index] =
        (at(c, y, x) + at(c, y, x + 1) + at(c, y + 1, x) + at(c, y + 1, x + 1)) / 4;
    });
    return result;
  };
  const exponents = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
  const products = [1, 1, 1];
  let [a, b] = [image, noisy];
  exponents.forEach((exponent, scale) => {
    const other = planesOf(b, 'rgb');
    planesOf(a, 'rgb').forEach((plane, channel) => {
      const { whole, structure } = planeSimilarity(plane, other[channel]!);
      products[channel]! *= (scale === 4 ? whole : structure) ** exponent;
    });
    [a, b] = [half(a), half(b)];
  });
  const expected = products.reduce((sum, product) => sum + product, 0) / 3;
  expect(msSsim.open().measure(noisy, image)).toBeCloseTo(expected, 6);
});

test('it is 1 for equal images and falls with noise and blur', () => {
  expect(msSsim.open().measure(image, image)).toBeCloseTo(1, 12);
  const score = (test: Tensor) => msSsim.open().measure(test, image);
  expect(score(noisy)).toBeLessThan(score(withNoise(image, 0.02, 1)));
  const blurred = resizeBicubic(resizeBicubic(image, { scale: 0.25 }), {
    height: 183,
    width: 197,
  });
  expect(score(blurred)).toBeLessThan(0.97);
  expect(msSsim.open().measure(image, noisy)).toBeCloseTo(score(noisy), 12);
});

test('structure of the opposite sense gives 0, not a power of a negative number', () => {
  const inverse = tensor(
    image.shape,
    image.data.map((value) => 1 - value),
  );
  expect(msSsim.open().measure(inverse, image)).toBe(0);
});

test('it states how it is to be read and refuses what is too small', () => {
  expect(msSsim.open({ colourSpace: 'luma', border: 2 })).toMatchObject({
    ...{ name: 'ms-ssim', direction: 'higher', range: [0, 1], colourSpace: 'luma', border: 2 },
  });
  const small = tensor([3, 175, 300]);
  expect(() => msSsim.open().measure(small, small)).toThrow(/at least 176 x 176/);
  expect(() => msSsim.open({ border: 4 }).measure(noisy, image)).toThrow(/inside the border/);
  const nan = tensor(
    image.shape,
    image.data.map((v, i) => (i === 9000 ? Number.NaN : v)),
  );
  expect(() => msSsim.open().measure(nan, image)).toThrow(/finite/);
});
