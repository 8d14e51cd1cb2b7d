import type { Contributions } from './resize-weights.js';

/**
 * Resizes planes [height, width] along their columns.
 * @returns planes [outputLength, width].
 */
export function resizeColumns(
  source: Float32Array,
  planes: number,
  height: number,
  width: number,
  { outputLength, taps, indices, weights }: Contributions,
): Float32Array {
  const result = new Float32Array(planes * outputLength * width);
  const sums = new Float64Array(width);
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < outputLength; row++) {
      sums.fill(0);
      const line = (tap: number): number => (plane * height + indices[tap]!) * width;
      const end = (row + 1) * taps;
      let tap = row * taps;
      // Four taps at a time, added in the order of one at a time, halve the loads and stores.
      for (; tap + 4 <= end; tap += 4) {
        const [first, second, third, fourth] = [
          line(tap),
          line(tap + 1),
          line(tap + 2),
          line(tap + 3),
        ];
        const w1 = weights[tap]!;
        const w2 = weights[tap + 1]!;
        const w3 = weights[tap + 2]!;
        const w4 = weights[tap + 3]!;
        for (let x = 0; x < width; x++)
          sums[x] =
            sums[x]! +
            w1 * source[first + x]! +
            w2 * source[second + x]! +
            w3 * source[third + x]! +
            w4 * source[fourth + x]!;
      }
      for (; tap < end; tap++) {
        const weight = weights[tap]!;
        const from = line(tap);
        for (let x = 0; x < width; x++) sums[x]! += weight * source[from + x]!;
      }
      result.set(sums, (plane * outputLength + row) * width);
    }
  }
  return result;
}

/**
 * Resizes rows of `width` pixels.
 * @returns rows of outputLength pixels.
 */
export function resizeRows(
  source: Float32Array,
  rows: number,
  width: number,
  { outputLength, taps, indices, weights }: Contributions,
): Float32Array {
  const result = new Float32Array(rows * outputLength);
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    const to = row * outputLength;
    for (let x = 0; x < outputLength; x++) {
      let sum = 0;
      for (let tap = x * taps; tap < (x + 1) * taps; tap++)
        sum += weights[tap]! * source[from + indices[tap]!]!;
      result[to + x] = sum;
    }
  }
  return result;
}
