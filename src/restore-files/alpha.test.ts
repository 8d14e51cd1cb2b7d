import { expect, test } from 'vitest';
import { resizeBicubic } from '../degradation/bicubic-resize.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ALPHA_REACH, enlargeAlpha } from './alpha.js';

const scale = 4;
const size = 40;
type Shape = (x: number, y: number) => number;

/** A shape in [0, 1]^2 as alpha: each pixel holds how much of it is covered. */
function coverage(shape: Shape, side: number): Tensor {
  const finer = 8;
  const result = tensor([1, side, side]);
  for (let place = 0; place < side * side; place += 1) {
    const [y, x] = [Math.floor(place / side), place % side];
    let sum = 0;
    for (let part = 0; part < finer * finer; part += 1)
      sum += shape(
        (x + ((part % finer) + 0.5) / finer) / side,
        (y + (Math.floor(part / finer) + 0.5) / finer) / side,
      );
    result.data[place] = sum / finer ** 2;
  }
  return result;
}

function rootMeanSquare(a: Tensor, b: Tensor): number {
  const sum = a.data.reduce((total, value, place) => total + (value - b.data[place]!) ** 2, 0);
  return Math.sqrt(sum / a.data.length);
}

const step = (isInside: boolean): number => (isInside ? 1 : 0);
const disc: Shape = (x, y) => step(Math.hypot(x - 0.5, y - 0.47) < 0.33);
const shapes: [string, Shape][] = [
  ['a disc', disc],
  ['a slanted edge', (x, y) => step(0.9 * x + 0.43 * y < 0.6)],
  ['an upright edge within a pixel', (x) => step(x < 0.5172)],
  ['a thin line', (x, y) => step(Math.abs(0.6 * x + 0.8 * y - 0.7) < 0.014)],
  ['a half transparent disc', (x, y) => 0.5 * disc(x, y)],
];

test.each(shapes)('%s comes within half the error of bicubic interpolation', (_, shape) => {
  const truth = coverage(shape, size * scale);
  const alpha = coverage(shape, size);
  const own = rootMeanSquare(enlargeAlpha(alpha, scale), truth);
  expect(own).toBeLessThan(0.5 * rootMeanSquare(resizeBicubic(alpha, { scale }), truth));
});

test('soft alpha is that of bicubic interpolation', () => {
  const alpha = coverage((x, y) => Math.min(1, Math.max(0, 2 * (Math.hypot(x, y) - 0.3))), size);
  const truth = resizeBicubic(alpha, { scale });
  expect(rootMeanSquare(enlargeAlpha(alpha, scale), truth)).toBeLessThan(0.002);
});

test.each(shapes)('%s: every pixel stays covered as it was, nothing overshoots', (_, shape) => {
  const alpha = coverage(shape, size);
  const { data } = enlargeAlpha(alpha, scale);
  const wide = size * scale;
  let sum = 0;
  for (let pixel = 0; pixel < size * size; pixel += 1) {
    const [y, x] = [Math.floor(pixel / size), pixel % size];
    let mean = 0;
    for (let part = 0; part < scale * scale; part += 1)
      mean += data[(y * scale + Math.floor(part / scale)) * wide + x * scale + (part % scale)]!;
    mean /= scale * scale;
    expect(Math.abs(mean - alpha.data[pixel]!)).toBeLessThan(0.06);
    sum += Math.abs(mean - alpha.data[pixel]!);
  }
  expect(sum / size ** 2).toBeLessThan(0.003);
  const largest = Math.max(...alpha.data);
  expect(data.every((value) => value >= 0 && value <= largest)).toBe(true);
});

test('opaque stays opaque and transparent stays transparent, to the last bit', () => {
  const alpha = coverage(disc, size);
  const { data } = enlargeAlpha(alpha, scale);
  const at = (y: number, x: number) => data[y * size * scale + x];
  expect([at(0, 0), at(75, 80), at(80, 100)]).toEqual([0, 1, 1]);
  const flat = enlargeAlpha(tensor([1, 1, 1], [0.3]), scale);
  expect([...flat.data]).toEqual(new Array(16).fill(Math.fround(0.3)));
  expect(enlargeAlpha(alpha, 1)).toBe(alpha);
});

test('rows do not depend on what is further away than the reach', () => {
  const alpha = coverage(disc, size);
  const whole = enlargeAlpha(alpha, scale);
  const [first, end] = [14, 17];
  const from = first - ALPHA_REACH;
  const part = tensor(
    [1, end + ALPHA_REACH - from, size],
    alpha.data.slice(from * size, (end + ALPHA_REACH) * size),
  );
  const wide = size * scale;
  const rows = enlargeAlpha(part, scale).data.slice(
    ALPHA_REACH * scale * wide,
    (ALPHA_REACH + end - first) * scale * wide,
  );
  expect(rows).toEqual(whole.data.slice(first * scale * wide, end * scale * wide));
});
