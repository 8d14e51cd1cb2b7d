import { type AffineMatrix, sampleAffine } from '../../../degradation/warp-affine.js';
import { tensor } from '../../../tensor/tensor.js';
import { LeastSquares } from './linear-system.js';
import { phaseCorrelation } from './phase-correlation.js';
import { cellMeans, type Plane } from './plane.js';

/**
 * An affine displacement: of the place (x, y), [d0 + d1 X + d2 Y, d3 + d4 X + d5 Y] pixels, with X
 * and Y counted from the centre in units of half the longer side.
 */
type Displacement = readonly number[];

const none: Displacement = [0, 0, 0, 0, 0, 0];
const smallestLevel = 64;
const largestLevel = 1024;
const mostSteps = 30;
/** Relative drop of the squared error below which a step is the last. */
const leastDrop = 1e-7;

/**
 * The affine map from places of `reference` to places of `test` under which the two planes agree
 * best up to a gain and an offset: phase correlation finds the whole pixels, Gauss-Newton steps on
 * a pyramid the rest. Where nothing is better than leaving the picture where it is, the identity.
 */
export function registration(reference: Plane, test: Plane): AffineMatrix {
  const levels = [[reference, test] as const];
  while (Math.min(...sides(levels[0]![0])) >= 2 * smallestLevel)
    levels.unshift([cellMeans(levels[0]![0], 2), cellMeans(levels[0]![1], 2)]);
  const [coarseReference, coarseTest] = levels[0]!;
  const [x, y] = phaseCorrelation(coarseReference, coarseTest);
  let found = better(coarseReference, coarseTest, none, [x, 0, 0, y, 0, 0]);
  for (const [index, [first, second]] of levels.entries()) {
    if (index > 0) found = found.map((value) => 2 * value);
    if (index === 0 || Math.max(...sides(first)) <= largestLevel)
      found = refined(first, second, found);
  }
  return matrixOf(better(reference, test, none, found), reference);
}

function sides({ height, width }: Plane): readonly [number, number] {
  return [height, width];
}

function better(reference: Plane, test: Plane, first: Displacement, second: Displacement) {
  const [a, b] = [first, second].map((each) => judged(reference, test, each, false).error);
  return b! < a! ? second : first;
}

function refined(reference: Plane, test: Plane, start: Displacement): Displacement {
  let best = start;
  let { error, step } = judged(reference, test, start, true);
  for (let count = 0; count < mostSteps && step !== undefined && error > 0; count++) {
    const change = step;
    const next = best.map((value, index) => value + change[index]!);
    const judgement = judged(reference, test, next, true);
    if (!(judgement.error < error * (1 - leastDrop))) break;
    best = next;
    ({ error, step } = judgement);
  }
  return best;
}

/** The mean squared error under a displacement, after the best gain and offset, and where to go. */
function judged(
  reference: Plane,
  test: Plane,
  displacement: Displacement,
  wantsStep: boolean,
): { error: number; step: Float64Array | undefined } {
  const { height, width } = reference;
  const matrix = matrixOf(displacement, reference);
  const [a, b, c, d, e, f] = matrix as [number, number, number, number, number, number];
  const source = tensor([1, test.height, test.width], test.data);
  const moved = sampleAffine(source, matrix, height, width).data;
  const unit = Math.max(height, width) / 2;
  const movement = new LeastSquares(8);
  const row8 = new Float64Array(8);
  const { data: targets } = reference;
  let [targetSum, targetSquares, valueSum, squares, products, count] = [0, 0, 0, 0, 0, 0];
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const atX = a * x + b * y + c;
      const atY = d * x + e * y + f;
      if (!(atX >= 1 && atY >= 1 && atX <= test.width - 2 && atY <= test.height - 2)) continue;
      const index = y * width + x;
      const target = targets[index]!;
      const value = moved[index]!;
      targetSum += target;
      targetSquares += target * target;
      valueSum += value;
      squares += value * value;
      products += value * target;
      count++;
      if (!wantsStep) continue;
      const acrossX = (moved[index + 1]! - moved[index - 1]!) / 2;
      const acrossY = (moved[index + width]! - moved[index - width]!) / 2;
      const [fromX, fromY] = [(x - (width - 1) / 2) / unit, (y - (height - 1) / 2) / unit];
      row8[0] = -acrossX;
      row8[1] = -acrossX * fromX;
      row8[2] = -acrossX * fromY;
      row8[3] = -acrossY;
      row8[4] = -acrossY * fromX;
      row8[5] = -acrossY * fromY;
      row8[6] = target;
      row8[7] = 1;
      movement.add(row8, value);
    }
  // A quarter of the picture must be seen, or ever less of it would fit ever better.
  if (count < (height * width) / 4) return { error: Number.POSITIVE_INFINITY, step: undefined };
  const brightness = new LeastSquares(2);
  brightness.addSums([targetSquares, targetSum, count], [products, valueSum]);
  const fit = brightness.solve();
  if (fit === undefined) return { error: Number.POSITIVE_INFINITY, step: undefined };
  const explained = fit[0]! * products + fit[1]! * valueSum;
  const error = Math.max(0, squares - explained) / count;
  return { error, step: wantsStep ? movement.solve() : undefined };
}

function matrixOf(displacement: Displacement, { height, width }: Plane): AffineMatrix {
  const unit = Math.max(height, width) / 2;
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  return [0, 3].flatMap((first) => {
    const [constant, alongX, alongY] = displacement.slice(first, first + 3) as [
      number,
      number,
      number,
    ];
    const [a, b] = [alongX / unit, alongY / unit];
    const c = constant - a * centreX - b * centreY;
    return first === 0 ? [1 + a, b, c] : [a, 1 + b, c];
  });
}
