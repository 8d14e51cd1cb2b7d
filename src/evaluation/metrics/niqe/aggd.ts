import { logGamma } from './log-gamma.js';

/** An asymmetric generalised Gaussian distribution. */
export interface Aggd {
  /** Shape: 1 for a Laplace distribution, 2 for a Gaussian. */
  readonly shape: number;
  /** Scale of the negative half. */
  readonly left: number;
  /** Scale of the positive half. */
  readonly right: number;
  /** Mean, (right - left) Gamma(2 / shape) / Gamma(1 / shape). */
  readonly mean: number;
}

const leastShape = 0.2;
const step = 0.001;
const count = 9801;

/** For every shape on the grid: E|x|^2 / E x^2 of the symmetric distribution, and two factors. */
interface Grid {
  /** Gamma(2/a)^2 / (Gamma(1/a) Gamma(3/a)), which grows with a. */
  readonly ratios: Float64Array;
  /** sqrt(Gamma(1/a) / Gamma(3/a)): scale per standard deviation. */
  readonly scales: Float64Array;
  /** Gamma(2/a) / Gamma(1/a): mean magnitude per scale. */
  readonly magnitudes: Float64Array;
}

let known: Grid | undefined;

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
  known ??= createGrid();
  const place = nearest(known.ratios, symmetric);
  const left = leftDeviation * known.scales[place]!;
  const right = rightDeviation * known.scales[place]!;
  return {
    shape: leastShape + step * place,
    left,
    right,
    mean: (right - left) * known.magnitudes[place]!,
  };
}

function createGrid(): Grid {
  const grid = {
    ratios: new Float64Array(count),
    scales: new Float64Array(count),
    magnitudes: new Float64Array(count),
  };
  for (let index = 0; index < count; index++) {
    const shape = leastShape + step * index;
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
