import { expect, test } from 'vitest';
import { normalAt } from '../tensor/random.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { flatMask, grain, grainOf } from './grain.js';
import { deadLeaves } from './testing/dead-leaves.js';
import { blurred } from './testing/reference-pairs.js';

const [height, width] = [96, 128];

/** An image whose value at a pixel is a function of channel, row and column. */
function filled(value: (channel: number, row: number, column: number) => number): Tensor {
  const pixels = height * width;
  return tensor(
    [3, height, width],
    Float32Array.from({ length: 3 * pixels }, (_, index) =>
      value(Math.floor(index / pixels), Math.floor((index % pixels) / width), index % width),
    ),
  );
}

/** An image with white noise of a deviation in units of 1/255, the same in all channels if grey. */
function grainy(image: Tensor, deviation: number, seed: number, isGrey = false): Tensor {
  const pixels = image.data.length / 3;
  return tensor(
    image.shape,
    image.data.map(
      (value, index) =>
        value + (deviation / 255) * normalAt(seed, 0, isGrey ? index % pixels : index),
    ),
  );
}

const slope = filled((_, row, column) => 0.3 + 0.002 * row + 0.001 * column);

test('grey noise of deviation s on a smooth target is s of luma and nothing of colour', () => {
  for (const deviation of [2, 6]) {
    const { y, cb, cr } = grainOf(grainy(slope, deviation, 1, true), slope);
    // A deviation of 12096 values is known to about 1 %; neighbours are correlated.
    expect(Math.abs(y / deviation - 1)).toBeLessThan(0.03);
    expect(Math.abs(cb)).toBeLessThan(1e-4);
    expect(Math.abs(cr)).toBeLessThan(1e-4);
  }
});

test('noise of one deviation in R, G and B has the deviations that its mixtures have', () => {
  const { y, cb, cr } = grainOf(grainy(slope, 4, 2), slope);
  const of = (...weights: number[]) => 4 * Math.hypot(...weights);
  expect(y / of(0.299, 0.587, 0.114)).toBeCloseTo(1, 1);
  expect(cb / of(0.299 / 1.772, 0.587 / 1.772, 0.5)).toBeCloseTo(1, 1);
  expect(cr / of(0.5, 0.587 / 1.402, 0.114 / 1.402)).toBeCloseTo(1, 1);
});

test('a result smoother than a grainy target is negative, as much as one with more is positive', () => {
  const target = grainy(slope, 3, 3, true);
  expect(grainOf(slope, target).y).toBeCloseTo(-grainOf(target, slope).y, 2);
  expect(grainOf(blurred(target), target).y).toBeLessThan(-1.5);
  expect(grainOf(target, target)).toEqual({ y: 0, cb: 0, cr: 0 });
});

test("grain of the target's amount is right whatever its pattern, which an error per pixel is not", () => {
  const { y } = grainOf(grainy(slope, 3, 4, true), grainy(slope, 3, 5, true));
  expect(Math.abs(y)).toBeLessThan(0.1);
});

test('metrics are the magnitudes, a smooth result being as wrong as a grainy one', () => {
  const target = grainy(slope, 3, 6);
  const signed = grainOf(slope, target);
  for (const plane of ['y', 'cb', 'cr'] as const) {
    expect(signed[plane]).toBeLessThan(0);
    expect(grain(plane).open().measure(slope, target)).toBe(-signed[plane]);
  }
  expect(grain('cb').open({ border: 3 })).toMatchObject({
    ...{ name: 'grain-cb', direction: 'lower', unit: '1/255', border: 3 },
  });
});

test('the mask keeps away from edges, and takes flat and slightly sloping parts', () => {
  const edge = filled((_, __, column) => (column < 64 ? 0.2 : 0.7));
  const mask = flatMask(edge);
  const isFlat = (column: number) => mask[40 * width + column] === 1;
  for (const column of [1, 20, 57, 70, 126]) expect(isFlat(column), `${column}`).toBe(true);
  for (const column of [60, 62, 63, 64, 66, 67]) expect(isFlat(column), `${column}`).toBe(false);
  // 0.765 grey levels a pixel down, 1.53 down.
  expect(flatMask(filled((_, row) => 0.003 * row))[40 * width + 40]).toBe(1);
  expect(flatMask(filled((_, row) => 0.006 * row))[40 * width + 40]).toBe(0);
  // An edge of colour at even luma.
  const colour = filled((channel, _, column) =>
    column < 64 ? 0.5 : [0.5 + 0.587 / 2, 0.5 - 0.299 / 2, 0.5][channel]!,
  );
  expect(flatMask(colour)[40 * width + 64]).toBe(0);
});

test('noise of the target leaves most of the mask where it was', () => {
  const flat = filled(() => 0.5);
  const count = (image: Tensor) => flatMask(image).reduce((sum, value) => sum + value, 0);
  expect(count(flat)).toBe((height - 2) * (width - 2));
  expect(count(grainy(flat, 6, 7))).toBeGreaterThan(0.9 * count(flat));
});

test('the mask depends on the target alone: what a result does outside it does not count', () => {
  const target = filled((_, row, column) => (column < 64 ? 0.2 : 0.7) + 0.001 * row);
  const mask = flatMask(target);
  const result = grainy(target, 3, 8);
  // Pixels that the kernel of 3 x 3 pixels does not reach from the mask.
  const isFar = (at: number) =>
    [-1, 0, 1].every((down) =>
      [-1, 0, 1].every((across) => mask[at + down * width + across] !== 1),
    );
  const spoilt = tensor(
    result.shape,
    result.data.map((value, index) => (isFar(index % (height * width)) ? 1 - value : value)),
  );
  expect(spoilt.data).not.toEqual(result.data);
  expect(grainOf(spoilt, target)).toEqual(grainOf(result, target));
  // A result that is flat where its target is not gains nothing either.
  expect(flatMask(target)).toBe(mask);
});

test('a border leaves out pixels and nothing else', () => {
  const target = grainy(slope, 2, 9);
  const result = grainy(target, 2, 10);
  const spoilt = tensor(result.shape, result.data.slice());
  spoilt.data[3 * width + 3] = 1;
  expect(grainOf(spoilt, target).y).not.toBe(grainOf(result, target).y);
  expect(grainOf(spoilt, target, 5)).toEqual(grainOf(result, target, 5));
});

test('a target with too little that is flat, other sizes and values that are not finite are refused', () => {
  const striped = filled((_, __, column) => 0.5 + 0.4 * Math.sin(column / 2));
  expect(() => grainOf(slope, striped)).toThrow(ParameterError);
  expect(() => grainOf(slope, striped)).toThrow(
    /1000 flat pixels inside the border, received \d+$/,
  );
  expect(() => grain('y').open({ border: 40 }).measure(slope, slope)).toThrow(/received 768/);
  expect(() => grainOf(deadLeaves(1, 64, 64), slope)).toThrow(/the reference's shape/);
  const broken = tensor(slope.shape, slope.data.slice());
  broken.data[40 * width + 40] = Number.NaN;
  expect(() => grainOf(broken, slope)).toThrow(/finite/);
  expect(() => grain('y').open({ border: -1 })).toThrow(withSubject('border'));
});
