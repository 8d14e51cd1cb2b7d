import { abs, add, mul, reduceMean, scalar, sqrt, sub, type Value } from '../../graph/index.js';
import type { Loss } from '../custom.js';
import type { Recipe } from '../recipe.js';
import { blockSpectrum, laplacian } from './error-filters.js';

export type LossName = 'mse' | 'l1' | 'charbonnier';
const CHARBONNIER_EPSILON = 1e-3;

/**
 * Mean loss between two values of one shape.
 * @param weight factor per sample, broadcast; 1 where absent.
 */
export function buildLoss(name: LossName, estimate: Value, target: Value, weight?: Value): Value {
  return weightedMean(perElement(name, sub(estimate, target)), weight);
}

/**
 * What a recipe minimises: its loss or the caller's own, plus `edge` times the mean absolute
 * Laplacian of the error and `frequency` times the mean absolute value of the real and imaginary
 * parts of the error's orthonormal spectra in 8x8 blocks. The terms are weighted like the loss.
 * @param weight factor per sample [N, 1, 1, 1]; 1 where absent.
 */
export function buildObjective(
  recipe: Pick<Recipe, 'loss' | 'edge' | 'frequency'>,
  { estimate, target, weight }: { estimate: Value; target: Value; weight?: Value },
  own?: Loss,
): Value {
  const { loss, edge, frequency } = recipe;
  let objective =
    own === undefined ? buildLoss(loss, estimate, target, weight) : own(estimate, target, weight);
  const error = sub(estimate, target);
  if (edge > 0) {
    const term = weightedMean(abs(laplacian(error)), weight);
    objective = add(objective, mul(term, scalar(edge)));
  }
  if (frequency > 0) {
    const { real, imaginary } = blockSpectrum(error);
    const parts = add(weightedMean(abs(real), weight), weightedMean(abs(imaginary), weight));
    objective = add(objective, mul(parts, scalar(frequency / 2)));
  }
  return objective;
}

/** Mean over everything; `weight` has one entry per sample, the first axis. */
function weightedMean(each: Value, weight?: Value): Value {
  const weighted = weight === undefined ? each : mul(each, weight);
  return reduceMean(
    weighted,
    weighted.shape.map((_, axis) => axis),
    false,
  );
}

function perElement(name: LossName, error: Value): Value {
  if (name === 'mse') return mul(error, error);
  if (name === 'l1') return abs(error);
  return sqrt(add(mul(error, error), scalar(CHARBONNIER_EPSILON ** 2)));
}
