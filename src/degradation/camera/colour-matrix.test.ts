import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { withSubject } from '../../utils/testing/errors.js';
import {
  applyColourMatrix,
  cameraMatrices,
  drawColourMatrix,
  invertColourMatrix,
  mixColourMatrix,
} from './colour-matrix.js';

test('grey stays grey in every mixture', () => {
  for (let seed = 0; seed < 50; seed++) {
    const matrix = drawColourMatrix(seed, 0);
    for (const row of [0, 3, 6])
      expect(matrix[row]! + matrix[row + 1]! + matrix[row + 2]!).toBeCloseTo(1, 12);
  }
});

test('only the proportions of the weights count, and every camera has its own', () => {
  const half = mixColourMatrix([0.5, 0.25, 0, 1]);
  mixColourMatrix([2, 1, 0, 4]).forEach((value, at) => {
    expect(value).toBeCloseTo(half[at]!, 12);
  });
  const single = Object.keys(cameraMatrices).map((_, camera) =>
    mixColourMatrix([0, 1, 2, 3].map((at) => (at === camera ? 1 : 0))).join(),
  );
  expect(new Set(single).size).toBe(4);
});

test('one camera alone: its matrix times sRGB primaries, rows normalised', () => {
  const matrix = mixColourMatrix([1, 0, 0, 0]);
  // White of sRGB through the Nexus 6P's first row before normalisation.
  const white = [0.95047, 1, 1.08883];
  const red = [0.4124564, 0.2126729, 0.0193339];
  const row = cameraMatrices['Huawei Nexus 6P']!.slice(0, 3);
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, at) => sum + value * b[at]!, 0);
  expect(matrix[0]).toBeCloseTo(dot(row, red) / dot(row, white), 6);
});

test('the inverse of a matrix undoes it on pixels', () => {
  const image = tensor([3, 1, 2], [0.1, 0.9, 0.4, 0.2, 0.7, 0.3]);
  for (let seed = 0; seed < 20; seed++) {
    const matrix = drawColourMatrix(seed, 1);
    const back = applyColourMatrix(applyColourMatrix(image, matrix), invertColourMatrix(matrix));
    back.data.forEach((value, at) => {
      expect(value).toBeCloseTo(image.data[at]!, 6);
    });
  }
});

test('a matrix multiplies the pixel as a column', () => {
  const image = tensor([3, 1, 1], [1, 2, 3]);
  expect([...applyColourMatrix(image, [1, 2, 3, 0, 1, 0, -1, 0, 1]).data]).toEqual([14, 2, 2]);
});

test('drawn weights cover the mixtures evenly', () => {
  const entries = Array.from({ length: 4000 }, (_, seed) => drawColourMatrix(seed, 0)[0]!);
  const mean = entries.reduce((sum, value) => sum + value, 0) / entries.length;
  const corners = [0, 1, 2, 3].map(
    (camera) => mixColourMatrix([0, 1, 2, 3].map((at) => (at === camera ? 1 : 0)))[0]!,
  );
  const lowest = Math.min(...corners);
  const highest = Math.max(...corners);
  expect(entries.every((value) => value > lowest && value < highest)).toBe(true);
  expect(mean).toBeCloseTo(mixColourMatrix([1, 1, 1, 1])[0]!, 2);
});

test('weights and matrices that mean nothing are refused', () => {
  expect(() => mixColourMatrix([0, 0, 0, 0])).toThrow(ParameterError);
  expect(() => mixColourMatrix([1, 1, 1])).toThrow(withSubject('weights'));
  expect(() => mixColourMatrix([1, -1, 1, 1])).toThrow(withSubject('weights'));
  expect(() => invertColourMatrix([1, 2, 3, 2, 4, 6, 0, 0, 1])).toThrow(withSubject('matrix'));
  expect(() => invertColourMatrix([1, 2])).toThrow(withSubject('matrix'));
});
