import type { Tensor } from '../tensor/tensor.js';
import { meanHalved } from './filters.js';
import { pairMetric } from './metric.js';
import type { Plane } from './planes.js';

/** Y, I and Q of R, G and B, on the same scale. */
const yiq = [
  [0.299, 0.587, 0.114],
  [0.596, -0.274, -0.322],
  [0.211, -0.523, 0.312],
] as const;
/** C and alpha of the paper, fitted to opinions. */
const constant = 30;
const steepness = 4.2;

/**
 * The Haar wavelet-based perceptual similarity index (Reisenhofer, Bosse, Kutyniok and Wiegand
 * 2018), its version for colour: 1 for equal images. On halved Y, I and Q of 0..255, the magnitudes
 * of horizontal and vertical Haar coefficients of Y at the two finest scales are compared by
 * (2 a b + 30) / (a^2 + b^2 + 30), those of means over 2 x 2 pixels of I and Q likewise; both pass
 * a logistic function, are averaged with the greater coefficient at the third scale as weight, and
 * pass back and are squared. Zeros lie beyond the edges, as in the authors' code. Two black images,
 * which leave no weight, give 1.
 *
 * @example haarPsi.open({ border: 4 }).measure(restored, target)
 */
export const haarPsi = pairMetric({
  name: 'haarpsi',
  title: 'Haar wavelet-based perceptual similarity',
  judges: 'distortion',
  isDefault: false,
  colourSpaces: ['rgb'],
  direction: 'higher',
  range: [0, 1],
  unit: '',
  version: '1',
  compute: (reference, test) => similarityOf(componentsOf(reference), componentsOf(test)),
});

/** What is compared, at every pixel of the halved image. */
interface Components {
  /** Per orientation, magnitudes of the coefficients of Y at the three scales. */
  readonly haar: readonly (readonly Float64Array[])[];
  /** Magnitudes of the local means of I and Q. */
  readonly colour: readonly Float64Array[];
}

function componentsOf(image: Tensor): Components {
  const [y, i, q] = yiq.map((weights) => meanHalved(mixed(image, weights), 'zero'));
  const sums = new SummedArea(y!);
  return {
    haar: [true, false].map((isHorizontal) =>
      [1, 2, 3].map((scale) => sums.haarMagnitudes(scale, isHorizontal)),
    ),
    colour: [i!, q!].map((plane) => new SummedArea(plane).meanMagnitudes()),
  };
}

function mixed({ shape, data }: Tensor, weights: readonly number[]): Plane {
  const [, height, width] = shape as [number, number, number];
  const pixels = height * width;
  const [r, g, b] = weights.map((weight) => 255 * weight) as [number, number, number];
  const result = new Float64Array(pixels);
  for (let at = 0; at < pixels; at++)
    result[at] = r * data[at]! + g * data[pixels + at]! + b * data[2 * pixels + at]!;
  return { height, width, data: result };
}

function similarityOf(a: Components, b: Components): number {
  let sum = 0;
  let weightSum = 0;
  const pixels = a.colour[0]!.length;
  for (let at = 0; at < pixels; at++) {
    let weightOfBoth = 0;
    for (let orientation = 0; orientation < 2; orientation++) {
      const [x, y] = [a.haar[orientation]!, b.haar[orientation]!];
      const similarity = meanSimilarity(x[0]![at]!, y[0]![at]!, x[1]![at]!, y[1]![at]!);
      const weight = Math.max(x[2]![at]!, y[2]![at]!);
      sum += weight * logistic(similarity);
      weightOfBoth += weight;
    }
    const [x, y] = [a.colour, b.colour];
    const similarity = meanSimilarity(x[0]![at]!, y[0]![at]!, x[1]![at]!, y[1]![at]!);
    sum += (weightOfBoth / 2) * logistic(similarity);
    weightSum += 1.5 * weightOfBoth;
  }
  if (weightSum === 0) return 1;
  const mean = sum / weightSum;
  return (Math.log(mean / (1 - mean)) / steepness) ** 2;
}

/** The mean of the similarities of two pairs of magnitudes. */
function meanSimilarity(a: number, b: number, c: number, d: number): number {
  return (
    ((2 * a * b + constant) / (a * a + b * b + constant) +
      (2 * c * d + constant) / (c * c + d * d + constant)) /
    2
  );
}

function logistic(value: number): number {
  return 1 / (1 + Math.exp(-steepness * value));
}

/** Sums over rectangles of a plane, in four steps each; zeros lie beyond the edges. */
class SummedArea {
  readonly #height: number;
  readonly #width: number;
  readonly #sums: Float64Array;

  constructor({ height, width, data }: Plane) {
    this.#height = height;
    this.#width = width;
    this.#sums = new Float64Array((height + 1) * (width + 1));
    for (let row = 0; row < height; row++) {
      let line = 0;
      const above = row * (width + 1);
      for (let column = 0; column < width; column++) {
        line += data[row * width + column]!;
        this.#sums[above + width + 2 + column] = this.#sums[above + column + 1]! + line;
      }
    }
  }

  /**
   * Magnitudes of Haar coefficients: the sum over one half of a square of 2^scale pixels, less that
   * over the other, over 2^scale. Of an even square, one pixel more lies below and to the right.
   */
  haarMagnitudes(scale: number, isHorizontal: boolean): Float64Array {
    const half = 2 ** (scale - 1);
    return this.#map((row, column) => {
      const [top, left] = [row - half + 1, column - half + 1];
      const all = this.#sum(top, left, top + 2 * half, left + 2 * half);
      const first = isHorizontal
        ? this.#sum(top, left, top + half, left + 2 * half)
        : this.#sum(top, left, top + 2 * half, left + half);
      return Math.abs(all - 2 * first) / (2 * half);
    });
  }

  /** Magnitudes of means over 2 x 2 pixels. */
  meanMagnitudes(): Float64Array {
    return this.#map((row, column) => Math.abs(this.#sum(row, column, row + 2, column + 2)) / 4);
  }

  #map(value: (row: number, column: number) => number): Float64Array {
    const result = new Float64Array(this.#height * this.#width);
    for (let row = 0, at = 0; row < this.#height; row++)
      for (let column = 0; column < this.#width; column++) result[at++] = value(row, column);
    return result;
  }

  #sum(top: number, left: number, bottom: number, right: number): number {
    const wide = this.#width + 1;
    const upper = Math.max(0, top) * wide;
    const lower = Math.min(this.#height, bottom) * wide;
    const from = Math.max(0, left);
    const to = Math.min(this.#width, right);
    const sums = this.#sums;
    return sums[lower + to]! - sums[upper + to]! - sums[lower + from]! + sums[upper + from]!;
  }
}
