/**
 * Adds weighted lines of an array to a line of sums: sums[x] += weights[i] * source[from + starts[i] + x]
 * for each tap i in order. The inner loop of separable filters and resizing along columns.
 *
 * @param source rows of numbers, one after another.
 * @param from added to every start, for example the offset of a plane.
 * @param starts offset of each tap's line, in elements.
 */
export function addWeightedLines(
  sums: Float64Array,
  source: Float32Array | Float64Array,
  from: number,
  starts: Int32Array,
  weights: Float64Array,
): void {
  const taps = weights.length;
  const width = sums.length;
  let tap = 0;
  // Four taps at a time, added in the order of one at a time, save three of four loads and stores.
  for (; tap + 4 <= taps; tap += 4) {
    const first = from + starts[tap]!;
    const second = from + starts[tap + 1]!;
    const third = from + starts[tap + 2]!;
    const fourth = from + starts[tap + 3]!;
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
  for (; tap < taps; tap++) {
    const line = from + starts[tap]!;
    const weight = weights[tap]!;
    for (let x = 0; x < width; x++) sums[x]! += weight * source[line + x]!;
  }
}
