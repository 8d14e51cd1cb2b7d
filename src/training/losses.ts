import { abs, add, mul, reduceMean, scalar, sqrt, sub, type Value } from '../graph/index.js';

export type LossName = 'mse' | 'l1' | 'charbonnier';
const CHARBONNIER_EPSILON = 1e-3;

/**
 * Mean loss between two values of one shape.
 * @param weight factor per sample, broadcast; 1 where absent.
 */
export function buildLoss(name: LossName, estimate: Value, target: Value, weight?: Value): Value {
  const error = sub(estimate, target);
  const each = perElement(name, error);
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
