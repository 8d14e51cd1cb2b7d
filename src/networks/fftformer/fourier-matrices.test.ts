import { sample } from '../../graph/testing/tensors.js';
import { fourierMatrices } from './fourier-matrices.js';
import { expect, test } from 'vitest';

type Complex = readonly [real: number, imaginary: number];

/** X(u, v) of a real patch, summed as defined, for u, v in [0, size). */
function transformed(patch: readonly number[], size: number, u: number, v: number): Complex {
  let [real, imaginary] = [0, 0];
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < size; j += 1) {
      const angle = (-2 * Math.PI * (u * i + v * j)) / size;
      real += patch[i * size + j]! * Math.cos(angle);
      imaginary += patch[i * size + j]! * Math.sin(angle);
    }
  return [real, imaginary];
}

/** A row vector times a matrix given row by row. */
function times(row: readonly number[], matrix: Float64Array): number[] {
  const columns = matrix.length / row.length;
  return Array.from({ length: columns }, (_, column) =>
    row.reduce((sum, value, place) => sum + value * matrix[place * columns + column]!, 0),
  );
}

function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [place, value] of expected.entries()) expect(actual[place]!).toBeCloseTo(value, 11);
}

test.each([2, 4, 6, 8])('of %i x %i pixels: the transform is the sum it is defined by', (size) => {
  const { forward, numbers } = fourierMatrices(size);
  const patch = [...sample([size ** 2], size).data];
  const half = size / 2 + 1;
  const expected = Array.from({ length: size * half }, (_, place) =>
    transformed(patch, size, Math.floor(place / half), place % half),
  );
  expect(numbers).toBe(2 * size * half);
  expectNear(times(patch, forward), [
    ...expected.map(([real]) => real),
    ...expected.map(([, imaginary]) => imaginary),
  ]);
});

test.each([2, 4, 6, 8])('of %i x %i pixels: the inverse undoes the transform', (size) => {
  const { forward, inverse } = fourierMatrices(size);
  const patch = [...sample([size ** 2], 3).data];
  expectNear(times(times(patch, forward), inverse), patch);
});

test('an asymmetric spectrum gives the real part of the sum over both halves', () => {
  const [size, half] = [8, 5];
  const { inverse, numbers } = fourierMatrices(size);
  const spectrum = [...sample([numbers], 7).data];
  const given = (u: number, v: number): Complex => [
    spectrum[u * half + v]!,
    spectrum[numbers / 2 + u * half + v]!,
  ];
  const whole = (u: number, v: number): Complex => {
    if (v < half) return given(u, v);
    const [real, imaginary] = given((size - u) % size, size - v);
    return [real, -imaginary];
  };
  const expected = Array.from({ length: size ** 2 }, (_, pixel) => {
    let sum = 0;
    for (let u = 0; u < size; u += 1)
      for (let v = 0; v < size; v += 1) {
        const angle = (2 * Math.PI * (u * Math.floor(pixel / size) + v * (pixel % size))) / size;
        const [real, imaginary] = whole(u, v);
        sum += real * Math.cos(angle) - imaginary * Math.sin(angle);
      }
    return sum / size ** 2;
  });
  expectNear(times(spectrum, inverse), expected);
});
