import { expect, test } from 'vitest';
import { uniformAt } from '../tensor/random.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import {
  composeAffine,
  handShakeMatrix,
  invertAffine,
  sampleAffine,
  warpAffine,
} from './warp-affine.js';

/** A plane is reproduced by bilinear sampling wherever all four neighbours exist. */
function plane(height: number, width: number): Tensor {
  return tensor(
    [1, height, width],
    Float32Array.from(
      { length: height * width },
      (_, at) => 2 + 0.5 * (at % width) - 0.25 * Math.floor(at / width),
    ),
  );
}

const noise = tensor(
  [2, 5, 7],
  Float32Array.from({ length: 70 }, (_, at) => uniformAt(0, 0, at)),
);

test('the identity changes nothing, whole-pixel shifts move with zeros behind', () => {
  for (const positions of ['exact', 'fixed-point'] as const) {
    expect(warpAffine(noise, [1, 0, 0, 0, 1, 0], { positions })).toEqual(noise);
    const { data } = warpAffine(noise, [1, 0, 2, 0, 1, -1], { positions });
    for (let y = 0; y < 5; y++)
      for (let x = 0; x < 7; x++)
        expect(data[7 * y + x]).toBe(x < 2 || y > 3 ? 0 : noise.data[7 * (y + 1) + x - 2]);
  }
});

test('a turned and shifted plane has the value of the place it came from', () => {
  const matrix = handShakeMatrix({ x: 3.3, y: -2.1, rotation: 5 }, 24, 32);
  const [a, b, c, d, e, f] = invertAffine(matrix) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const { data } = warpAffine(plane(24, 32), matrix);
  let inside = 0;
  for (let y = 0; y < 24; y++)
    for (let x = 0; x < 32; x++) {
      const sourceX = a * x + b * y + c;
      const sourceY = d * x + e * y + f;
      if (sourceX < 0 || sourceX > 31 || sourceY < 0 || sourceY > 23) continue;
      inside += 1;
      expect(data[32 * y + x]).toBeCloseTo(2 + 0.5 * sourceX - 0.25 * sourceY, 5);
    }
  expect(inside).toBeGreaterThan(400);
});

test('outside is zero, blended in over one pixel', () => {
  const white = tensor([1, 1, 3], [1, 1, 1]);
  expect([...warpAffine(white, [1, 0, 0.25, 0, 1, 0]).data]).toEqual([0.75, 1, 1]);
  expect([...warpAffine(white, [1, 0, 9, 0, 1, 0]).data]).toEqual([0, 0, 0]);
});

test('fixed-point places lie on the nearest 1/32 pixel', () => {
  const step = tensor([1, 1, 2], [0, 1]);
  for (const shift of [0.1, 0.33, 0.5, 0.77]) {
    const { data } = warpAffine(step, [1, 0, -shift, 0, 1, 0], { positions: 'fixed-point' });
    expect(data[0]).toBe(Math.round(shift * 32) / 32);
  }
});

test('the size of the result can be chosen, and sampling takes the inverse map', () => {
  const enlarged = warpAffine(noise, [2, 0, 0, 0, 2, 0], { height: 9, width: 13 });
  expect(enlarged.shape).toEqual([2, 9, 13]);
  expect(enlarged).toEqual(sampleAffine(noise, [0.5, 0, 0, 0, 0.5, 0], 9, 13));
  expect(enlarged.data[2 * 13 + 4]).toBe(noise.data[7 + 2]);
});

test('a hand shake turns counter-clockwise about the middle, after the translation', () => {
  const turn = handShakeMatrix({ x: 0, y: 0, rotation: 90 }, 10, 20);
  const place = (matrix: readonly number[], x: number, y: number) => [
    matrix[0]! * x + matrix[1]! * y + matrix[2]!,
    matrix[3]! * x + matrix[4]! * y + matrix[5]!,
  ];
  const [right = 0, top = 0] = place(turn, 13, 5);
  expect(right).toBeCloseTo(10, 12);
  expect(top).toBeCloseTo(2, 12);
  const both = handShakeMatrix({ x: 3, y: 0, rotation: 90 }, 10, 20);
  const [x = 0, y = 0] = place(both, 10, 5);
  expect(x).toBeCloseTo(10, 12);
  expect(y).toBeCloseTo(2, 12);
});

test('a map composed with its inverse is the identity', () => {
  const matrix = handShakeMatrix({ x: -11, y: 24, rotation: 1 }, 432, 432);
  const identity = composeAffine(matrix, invertAffine(matrix));
  [1, 0, 0, 0, 1, 0].forEach((value, at) => {
    expect(identity[at]).toBeCloseTo(value, 10);
  });
});

test('maps and sizes that mean nothing are refused', () => {
  expect(() => warpAffine(noise, [1, 2, 0, 2, 4, 0])).toThrow(ParameterError);
  expect(() => warpAffine(noise, [1, 0, 0])).toThrow(withSubject('matrix'));
  expect(() => warpAffine(noise, [1, 0, 0, 0, 1, 0], { height: 0 })).toThrow(withSubject('height'));
  expect(() => warpAffine(tensor([3]), [1, 0, 0, 0, 1, 0])).toThrow(ParameterError);
});
