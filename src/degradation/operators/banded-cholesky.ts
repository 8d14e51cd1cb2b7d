import { ParameterError } from '../../tensor/errors.js';
import type { BandedMatrix } from './banded-matrix.js';

/** The factor L of a symmetric positive definite matrix L L^T with `band` diagonals below the main one. */
export interface BandedCholesky {
  readonly size: number;
  readonly band: number;
  /**
   * [size, band + 1]: each row's elements from the farthest left of the diagonal to the diagonal,
   * of which the reciprocal is kept.
   */
  readonly factor: Float64Array;
}

/** @throws ParameterError for a matrix that is not positive definite to rounding. */
export function factorise({ rows: size, taps, starts, weights }: BandedMatrix): BandedCholesky {
  let band = 0;
  for (let row = 0; row < size; row++)
    for (let tap = 0; tap < taps; tap++)
      if (weights[row * taps + tap] !== 0) band = Math.max(band, row - starts[row]! - tap);
  const stride = band + 1;
  const factor = new Float64Array(size * stride);
  for (let row = 0; row < size; row++) {
    for (let column = Math.max(0, row - band); column <= row; column++) {
      const tap = column - starts[row]!;
      const value = tap >= 0 && tap < taps ? weights[row * taps + tap]! : 0;
      let sum = value;
      for (let k = Math.max(0, row - band, column - band); k < column; k++)
        sum -=
          factor[row * stride + k - row + band]! * factor[column * stride + k - column + band]!;
      if (column < row) {
        factor[row * stride + column - row + band] = sum * factor[column * stride + band]!;
        continue;
      }
      if (!(sum > value * 1e-12))
        throw new ParameterError('matrix', 'positive definite', `a pivot of ${sum}`);
      factor[row * stride + band] = 1 / Math.sqrt(sum);
    }
  }
  return { size, band, factor };
}

/** Solves L L^T X = B in place for an array B [size, width]. */
export function solveColumns(
  { size, band, factor }: BandedCholesky,
  width: number,
  values: Float64Array,
): void {
  const stride = band + 1;
  const subtract = (row: number, other: number, weight: number): void => {
    const to = row * width;
    const from = other * width;
    for (let x = 0; x < width; x++) values[to + x]! -= weight * values[from + x]!;
  };
  const divide = (row: number): void => {
    const reciprocal = factor[row * stride + band]!;
    for (let at = row * width; at < (row + 1) * width; at++) values[at]! *= reciprocal;
  };
  for (let row = 0; row < size; row++) {
    for (let other = Math.max(0, row - band); other < row; other++)
      subtract(row, other, factor[row * stride + other - row + band]!);
    divide(row);
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let other = row + 1; other <= Math.min(size - 1, row + band); other++)
      subtract(row, other, factor[other * stride + row - other + band]!);
    divide(row);
  }
}

/** Solves L L^T x = b in place for each of the `count` rows b of an array [count, size]. */
export function solveRows(
  { size, band, factor }: BandedCholesky,
  count: number,
  values: Float64Array,
): void {
  const stride = band + 1;
  for (let line = 0; line < count; line++) {
    const origin = line * size;
    for (let row = 0; row < size; row++) {
      let sum = values[origin + row]!;
      for (let other = Math.max(0, row - band); other < row; other++)
        sum -= factor[row * stride + other - row + band]! * values[origin + other]!;
      values[origin + row] = sum * factor[row * stride + band]!;
    }
    for (let row = size - 1; row >= 0; row--) {
      let sum = values[origin + row]!;
      for (let other = row + 1; other <= Math.min(size - 1, row + band); other++)
        sum -= factor[other * stride + row - other + band]! * values[origin + other]!;
      values[origin + row] = sum * factor[row * stride + band]!;
    }
  }
}
