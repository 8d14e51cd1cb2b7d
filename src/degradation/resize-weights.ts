/** For each output pixel of one axis, the input pixels it reads and their weights, which sum to 1. */
export interface Contributions {
  readonly outputLength: number;
  /** Input pixels per output pixel: the row length of both tables. */
  readonly taps: number;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

const kernelWidth = 4;

/** The tables computed last: pictures of one size are resized over and over in training. */
const remembered = new Map<string, Contributions>();
const mostRemembered = 4;

/**
 * The weights of MATLAB's `imresize` along one axis: cubic convolution (Keys 1981, a = -0.5), its
 * support stretched by 1 / scale where scale < 1, indices mirrored with the edge pixel repeated.
 *
 * @param scale output pixels per input pixel; it may differ from outputLength / inputLength, since
 * a length is rounded up to whole pixels.
 * @returns tables that are shared between calls and not to be changed.
 */
export function contributions(
  inputLength: number,
  outputLength: number,
  scale: number,
): Contributions {
  const key = `${inputLength} ${outputLength} ${scale}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const [oldest] = remembered.keys();
  if (oldest !== undefined && remembered.size >= mostRemembered) remembered.delete(oldest);
  const computed = computeContributions(inputLength, outputLength, scale);
  remembered.set(key, computed);
  return computed;
}

/**
 * The weights along one axis for a factor: ceil(inputLength * scale) output pixels.
 * @param scale positive.
 */
export function contributionsByFactor(inputLength: number, scale: number): Contributions {
  // 3 * (1 / 3) style rounding noise must not add a row.
  const outputLength = Math.ceil(inputLength * scale * (1 - 4 * Number.EPSILON));
  return contributions(inputLength, outputLength, scale);
}

function computeContributions(
  inputLength: number,
  outputLength: number,
  scale: number,
): Contributions {
  const stretch = Math.min(scale, 1);
  const width = kernelWidth / stretch;
  const taps = Math.ceil(width) + 2;
  const indices = new Int32Array(outputLength * taps);
  const weights = new Float64Array(outputLength * taps);
  const period = 2 * inputLength;
  for (let output = 0; output < outputLength; output++) {
    const centre = (output + 0.5) / scale - 0.5;
    const left = Math.floor(centre - width / 2);
    const row = output * taps;
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const position = left + tap;
      const weight = cubic((centre - position) * stretch);
      const folded = ((position % period) + period) % period;
      indices[row + tap] = folded < inputLength ? folded : period - 1 - folded;
      weights[row + tap] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < taps; tap++) weights[row + tap]! /= sum;
  }
  return withoutEmptyTaps({ outputLength, taps, indices, weights });
}

function cubic(x: number): number {
  const distance = Math.abs(x);
  if (distance <= 1) return (1.5 * distance - 2.5) * distance * distance + 1;
  if (distance <= 2) return ((-0.5 * distance + 2.5) * distance - 4) * distance + 2;
  return 0;
}

/** Drops the outermost taps that no output pixel uses: for whole factors a fifth of the work. */
function withoutEmptyTaps(full: Contributions): Contributions {
  const used = (tap: number): boolean => {
    for (let output = 0; output < full.outputLength; output++)
      if (full.weights[output * full.taps + tap] !== 0) return true;
    return false;
  };
  let first = 0;
  let last = full.taps - 1;
  while (first < last && !used(first)) first++;
  while (last > first && !used(last)) last--;
  const taps = last - first + 1;
  if (taps === full.taps) return full;
  const indices = new Int32Array(full.outputLength * taps);
  const weights = new Float64Array(full.outputLength * taps);
  for (let output = 0; output < full.outputLength; output++) {
    const from = output * full.taps + first;
    indices.set(full.indices.subarray(from, from + taps), output * taps);
    weights.set(full.weights.subarray(from, from + taps), output * taps);
  }
  return { outputLength: full.outputLength, taps, indices, weights };
}
