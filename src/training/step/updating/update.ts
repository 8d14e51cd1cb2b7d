import type { AdamFactors, AdamSettings } from '../../../graph/index.js';
import { moveByAdam, type ParameterState } from './vector-arrays.js';

/** What an update depends on besides the state and the gradients. */
export interface UpdateSettings extends AdamFactors {
  readonly adam: AdamSettings;
  /** Learning rate x weight decay. */
  readonly decay: number;
  readonly averageDecay: number;
}

/**
 * One Adam update of a parameter, with an exponential moving average where the state has one: what
 * `buildTrainingStep` writes as a graph, in place.
 * @param scale makes the gradient that counts of a sum of such.
 * @returns whether the new weights and second moments are finite.
 */
export function updateParameter(
  state: ParameterState,
  gradient: Float32Array,
  { adam, stepSize, secondCorrection, decay, averageDecay }: UpdateSettings,
  scale: number,
): boolean {
  const { beta1, beta2, epsilon } = adam;
  const numbers = {
    ...{ beta1, rest1: (1 - beta1) * scale },
    ...{ beta2, rest2: (1 - beta2) * scale * scale },
    ...{ decay, size: stepSize * secondCorrection, least: epsilon * secondCorrection },
  };
  return moveByAdam(state, gradient, numbers, 1 - averageDecay);
}
