import { scalar } from '../leaves.js';
import { add, clip, concat, div, mul, reduceSum, reshape, sqrt } from '../operators/index.js';
import type { Value } from '../value.js';

/** Output of a training graph: the sum of squares of each gradient before it is shortened. */
export const SQUARES = 'gradientSquares';
/** Keeps the quotient finite where all gradients are 0. */
const TINY = 1e-12;

/**
 * Gradients times min(1, limit / norm), the norm being the Euclidean one of all of them together
 * (Pascanu et al., 2013), and the sum of squares of each before that, [number of gradients].
 */
export function clipToNorm(
  gradients: readonly Value[],
  limit: number,
): { readonly gradients: readonly Value[]; readonly squares: Value } {
  const squares = concat(
    gradients.map((gradient) => {
      const axes = gradient.shape.map((_, axis) => axis);
      return reshape(reduceSum(mul(gradient, gradient), axes, false), [1]);
    }),
    0,
  );
  const norm = sqrt(reduceSum(squares, [0], false));
  const factor = clip(div(scalar(limit), add(norm, scalar(TINY))), { minimum: 0, maximum: 1 });
  return { gradients: gradients.map((gradient) => mul(gradient, factor)), squares };
}
