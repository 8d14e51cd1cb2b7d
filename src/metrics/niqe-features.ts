import { contributions } from '../degradation/bicubic-resize.js';
import { copyWindow, type Rectangle } from '../tensor/window.js';
import { gaussianWeights, separable } from './filters.js';

/** Side of the blocks at full size. */
export const BLOCK_SIZE = 96;
/** Numbers that describe a block: 18 at each of two scales. */
export const FEATURES = 36;

/** A block of an image as NIQE describes it. */
interface BlockFeatures {
  /** FEATURES numbers; undefined where the block has no texture whose distribution could be fitted. */
  readonly features: Float64Array | undefined;
  /** Mean of the local standard deviation at full size. */
  readonly sharpness: number;
}

/** Neighbours whose products are described: to the right, below, and along both diagonals. */
const neighbours = [
  [0, 1],
  [1, 0],
  [1, 1],
  [1, -1],
] as const;

/**
 * The features of every whole block of a luma plane on the scale 0..255, from the top left corner;
 * pixels beyond the last whole block are cropped before anything else (Mittal et al. 2013).
 */
export function blockFeatures(plane: Float64Array, height: number, width: number): BlockFeatures[] {
  const [down, across] = [Math.floor(height / BLOCK_SIZE), Math.floor(width / BLOCK_SIZE)];
  const [rows, columns] = [down * BLOCK_SIZE, across * BLOCK_SIZE];
  const whole = cut(plane, width, { left: 0, top: 0, width: columns, height: rows });
  const full = normalisedPlane(whole, rows, columns);
  const half = normalisedPlane(halve(whole, rows, columns), rows / 2, columns / 2);
  const blocks: BlockFeatures[] = [];
  for (let row = 0; row < down; row++)
    for (let column = 0; column < across; column++) {
      const block = (values: Float64Array, scale: 1 | 2): Float64Array => {
        const side = BLOCK_SIZE / scale;
        const position = { left: column * side, top: row * side, width: side, height: side };
        return cut(values, columns / scale, position);
      };
      const deviations = block(full.deviations, 1);
      const parts = [
        scaleFeatures(block(full.coefficients, 1), BLOCK_SIZE),
        scaleFeatures(block(half.coefficients, 2), BLOCK_SIZE / 2),
      ];
      blocks.push({
        features: parts.some((part) => part === undefined)
          ? undefined
          : Float64Array.from(parts.flatMap((part) => part!)),
        sharpness: deviations.reduce((sum, value) => sum + value, 0) / deviations.length,
      });
    }
  return blocks;
}

/** Shape and mean scale of the coefficients, then shape, mean and both scales of four products. */
function scaleFeatures(block: Float64Array, side: number): number[] | undefined {
  const own = fitAggd(block);
  if (own === undefined) return undefined;
  const features = [own.shape, (own.left + own.right) / 2];
  for (const [down, across] of neighbours) {
    const fit = fitAggd(productsWithNeighbours(block, side, down, across));
    if (fit === undefined) return undefined;
    features.push(fit.shape, fit.mean, fit.left, fit.right);
  }
  return features;
}

/** Each coefficient times the one `down` rows above and `across` columns before it, cyclically. */
function productsWithNeighbours(
  block: Float64Array,
  side: number,
  down: number,
  across: number,
): Float64Array {
  const products = new Float64Array(block.length);
  for (let row = 0; row < side; row++) {
    const other = ((row - down + side) % side) * side;
    for (let column = 0; column < side; column++)
      products[row * side + column] =
        block[row * side + column]! * block[other + ((column - across + side) % side)]!;
  }
  return products;
}

function cut(plane: Float64Array, width: number, position: Rectangle): Float64Array {
  const size = [1, plane.length / width, width] as const;
  return copyWindow(plane, size, position, new Float64Array(position.width * position.height));
}

/** A plane in which brightness and contrast are locally taken away. */
interface NormalisedPlane {
  /** Mean-subtracted, contrast-normalised coefficients (x - mean) / (deviation + 1). */
  readonly coefficients: Float64Array;
  /** The local standard deviation, on the plane's own scale. */
  readonly deviations: Float64Array;
}

const windowWeights = gaussianWeights(7 / 6, 3);

/** What rounding leaves of a coefficient where the plane is flat. */
const roundingError = 1e-9;

/**
 * Normalises a plane on the scale 0..255 by its mean and deviation in a Gaussian window of 7 x 7
 * pixels with standard deviation 7/6, edge pixels repeated (Mittal et al. 2013, equations 1 to 3).
 */
export function normalisedPlane(
  plane: Float64Array,
  height: number,
  width: number,
): NormalisedPlane {
  const { data: means } = separable({ height, width, data: plane }, windowWeights);
  const { data: squares } = separable(
    { height, width, data: plane.map((value) => value * value) },
    windowWeights,
  );
  const coefficients = new Float64Array(plane.length);
  const deviations = new Float64Array(plane.length);
  for (let index = 0; index < plane.length; index++) {
    const mean = means[index]!;
    const deviation = Math.sqrt(Math.abs(squares[index]! - mean * mean));
    const coefficient = (plane[index]! - mean) / (deviation + 1);
    coefficients[index] = Math.abs(coefficient) < roundingError ? 0 : coefficient;
    deviations[index] = deviation;
  }
  return { coefficients, deviations };
}

/**
 * A plane of even sides at half its size, by antialiased bicubic interpolation as MATLAB's
 * `imresize(plane, 0.5)` in double precision: rows of pixels first.
 */
export function halve(plane: Float64Array, height: number, width: number): Float64Array {
  const down = contributions(height, height / 2, 0.5);
  const across = contributions(width, width / 2, 0.5);
  const rows = new Float64Array((height / 2) * width);
  for (let row = 0; row < height / 2; row++)
    for (let tap = row * down.taps; tap < (row + 1) * down.taps; tap++) {
      const from = down.indices[tap]! * width;
      const weight = down.weights[tap]!;
      for (let column = 0; column < width; column++)
        rows[row * width + column]! += weight * plane[from + column]!;
    }
  const result = new Float64Array((height / 2) * (width / 2));
  for (let row = 0; row < height / 2; row++)
    for (let column = 0; column < width / 2; column++) {
      let sum = 0;
      for (let tap = column * across.taps; tap < (column + 1) * across.taps; tap++)
        sum += across.weights[tap]! * rows[row * width + across.indices[tap]!]!;
      result[row * (width / 2) + column] = sum;
    }
  return result;
}

/** An asymmetric generalised Gaussian distribution. */
interface Aggd {
  /** Shape: 1 for a Laplace distribution, 2 for a Gaussian. */
  readonly shape: number;
  /** Scale of the negative half. */
  readonly left: number;
  /** Scale of the positive half. */
  readonly right: number;
  /** Mean, (right - left) Gamma(2 / shape) / Gamma(1 / shape). */
  readonly mean: number;
}

const smallestShape = 0.2;
const shapeStep = 0.001;
const shapeCount = 9801;

/** For every shape on the grid: E|x|^2 / E x^2 of the symmetric distribution, and two factors. */
interface Grid {
  /** Gamma(2/a)^2 / (Gamma(1/a) Gamma(3/a)), which grows with a. */
  readonly ratios: Float64Array;
  /** sqrt(Gamma(1/a) / Gamma(3/a)): scale per standard deviation. */
  readonly scales: Float64Array;
  /** Gamma(2/a) / Gamma(1/a): mean magnitude per scale. */
  readonly magnitudes: Float64Array;
}

let cachedGrid: Grid | undefined;

/**
 * Fits an asymmetric generalised Gaussian by moments (Lasmar et al. 2009), its shape on the grid
 * 0.2, 0.201, ..., 10.
 * @returns undefined where the values are not of both signs, which leaves a half without a scale.
 */
export function fitAggd(values: Float64Array): Aggd | undefined {
  let [negatives, positives, leftSquares, rightSquares, magnitudes] = [0, 0, 0, 0, 0];
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (value < 0) {
      negatives++;
      leftSquares += value * value;
      magnitudes -= value;
    } else if (value > 0) {
      positives++;
      rightSquares += value * value;
      magnitudes += value;
    }
  }
  if (negatives === 0 || positives === 0) return undefined;
  const leftDeviation = Math.sqrt(leftSquares / negatives);
  const rightDeviation = Math.sqrt(rightSquares / positives);
  const asymmetry = leftDeviation / rightDeviation;
  const ratio = (magnitudes / values.length) ** 2 / ((leftSquares + rightSquares) / values.length);
  const symmetric = (ratio * (asymmetry ** 3 + 1) * (asymmetry + 1)) / (asymmetry ** 2 + 1) ** 2;
  cachedGrid ??= createGrid();
  const position = nearest(cachedGrid.ratios, symmetric);
  const left = leftDeviation * cachedGrid.scales[position]!;
  const right = rightDeviation * cachedGrid.scales[position]!;
  return {
    shape: smallestShape + shapeStep * position,
    left,
    right,
    mean: (right - left) * cachedGrid.magnitudes[position]!,
  };
}

function createGrid(): Grid {
  const grid = {
    ratios: new Float64Array(shapeCount),
    scales: new Float64Array(shapeCount),
    magnitudes: new Float64Array(shapeCount),
  };
  for (let index = 0; index < shapeCount; index++) {
    const shape = smallestShape + shapeStep * index;
    const [one, two, three] = [logGamma(1 / shape), logGamma(2 / shape), logGamma(3 / shape)];
    grid.ratios[index] = Math.exp(2 * two - one - three);
    grid.scales[index] = Math.exp((one - three) / 2);
    grid.magnitudes[index] = Math.exp(two - one);
  }
  return grid;
}

/** Place of the value nearest to `wanted` among ascending ones. */
function nearest(ascending: Float64Array, wanted: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < wanted) low = middle;
    else high = middle;
  }
  return wanted - ascending[low]! <= ascending[high]! - wanted ? low : high;
}

/** Coefficients of Lanczos' approximation for g = 7 (Godfrey). */
const lanczosConstant = 0.99999999999980993;
const lanczosCoefficients = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const lanczosG = 7;

/** ln of the gamma function for x > 0, to about 14 digits. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const sum = lanczosCoefficients.reduce(
    (total, c, index) => total + c / (shifted + index + 1),
    lanczosConstant,
  );
  const t = shifted + lanczosG + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}
