import { addWeightedLines } from '../../tensor/weighted-lines.js';
import { ParameterError } from '../../utils/errors.js';
import type { Contributions } from '../bicubic-resize.js';

/** A matrix whose rows are zero but for `taps` neighbouring elements. */
export interface BandedMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly taps: number;
  /** The column of each row's first tap. */
  readonly starts: Int32Array;
  /** [rows, taps] */
  readonly weights: Float64Array;
}

type Reals = Float32Array | Float64Array;

/** The matrix of a resizing along one axis; weights of an input pixel that mirrors repeat add up. */
export function matrixOf(table: Contributions, columns: number): BandedMatrix {
  const { outputLength: rows, taps, indices, weights } = table;
  return collect(rows, columns, (row, add) => {
    for (let tap = row * taps; tap < (row + 1) * taps; tap++)
      if (weights[tap] !== 0) add(indices[tap]!, weights[tap]!);
  });
}

export function transposed(matrix: BandedMatrix): BandedMatrix {
  const { rows, columns, taps, starts, weights } = matrix;
  const entries = Array.from({ length: columns }, (): [number, number][] => []);
  for (let row = 0; row < rows; row++)
    for (let tap = 0; tap < taps; tap++) {
      const weight = weights[row * taps + tap]!;
      if (weight !== 0) entries[starts[row]! + tap]!.push([row, weight]);
    }
  return collect(columns, rows, (row, add) => {
    for (const [column, weight] of entries[row]!) add(column, weight);
  });
}

/** M M^T of a matrix and its transpose. */
export function gramOf(matrix: BandedMatrix, transpose: BandedMatrix): BandedMatrix {
  const { rows, taps, starts, weights } = matrix;
  return collect(rows, rows, (row, add) => {
    for (let tap = 0; tap < taps; tap++) {
      const column = starts[row]! + tap;
      const weight = weights[row * taps + tap]!;
      if (weight === 0) continue;
      for (let at = 0; at < transpose.taps; at++) {
        const other = transpose.weights[column * transpose.taps + at]!;
        if (other !== 0) add(transpose.starts[column]! + at, weight * other);
      }
    }
  });
}

/**
 * Multiplies an array [columns, width], which begins at `from` of the source, from the left.
 * @param result receives [rows, width] from `to` on.
 */
export function multiplyColumns(
  { rows, taps, starts, weights }: BandedMatrix,
  width: number,
  source: Reals,
  from: number,
  result: Reals,
  to: number,
): void {
  const sums = new Float64Array(width);
  const lines = Int32Array.from({ length: taps }, (_, tap) => tap * width);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    const taken = weights.subarray(row * taps, (row + 1) * taps);
    addWeightedLines(sums, source, from + starts[row]! * width, lines, taken);
    result.set(sums, to + row * width);
  }
}

/**
 * Multiplies each of `count` rows of an array [count, columns], which begins at `from` of the
 * source.
 * @param result receives [count, rows] from `to` on.
 */
export function multiplyRows(
  { rows, columns, taps, starts, weights }: BandedMatrix,
  count: number,
  source: Reals,
  from: number,
  result: Reals,
  to: number,
): void {
  for (let line = 0; line < count; line++) {
    const origin = from + line * columns;
    const target = to + line * rows;
    for (let row = 0; row < rows; row++) {
      const first = origin + starts[row]!;
      const weight = row * taps;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += weights[weight + tap]! * source[first + tap]!;
      result[target + row] = sum;
    }
  }
}

/** A matrix of entries that are given row by row, in any order; entries of the same position add up. */
function collect(
  rows: number,
  columns: number,
  fill: (row: number, add: (column: number, weight: number) => void) => void,
): BandedMatrix {
  const lines = Array.from({ length: rows }, (_, row) => {
    const line = new Map<number, number>();
    fill(row, (column, weight) => line.set(column, (line.get(column) ?? 0) + weight));
    return line;
  });
  const firsts = lines.map((line) => Math.min(...line.keys(), columns - 1));
  const lasts = lines.map((line) => Math.max(...line.keys(), 0));
  const taps = firsts.reduce((most, first, row) => Math.max(most, lasts[row]! - first + 1), 1);
  const starts = Int32Array.from(firsts, (first) => Math.min(first, columns - taps));
  const weights = new Float64Array(rows * taps);
  for (const [row, line] of lines.entries())
    for (const [column, weight] of line) weights[row * taps + column - starts[row]!] = weight;
  return { rows, columns, taps, starts, weights };
}

/** The factor L of a symmetric positive definite matrix L L^T with `band` diagonals below the main one. */
export interface BandedCholesky {
  readonly size: number;
  readonly band: number;
  /**
   * [size, band + 1]: each row's elements from the farthest left of the diagonal to the diagonal,
   * of which the reciprocal is stored.
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
