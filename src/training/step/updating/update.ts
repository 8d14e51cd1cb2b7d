import type { AdamFactors, AdamSettings } from '../../../graph/index.js';

/** What an update depends on besides the state and the gradients. */
export interface UpdateSettings extends AdamFactors {
  readonly adam: AdamSettings;
  /** Learning rate x weight decay. */
  readonly decay: number;
  readonly averageDecay: number;
}

/** What an update of one parameter changes. */
export interface ParameterState {
  readonly parameter: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly average?: Float32Array | undefined;
}

/**
 * One Adam update of a parameter, with an exponential moving average where the state has one: what
 * `buildTrainingStep` writes as a graph, in one pass and one for the average, in place.
 * @param scale makes the gradient that counts of a sum of such.
 * @returns a number that is finite where the new weights and second moments are.
 */
export function updateParameter(
  state: ParameterState,
  gradient: Float32Array,
  settings: UpdateSettings,
  scale: number,
): number {
  const { parameter, first, second, average } = state;
  const { adam, stepSize, secondCorrection, decay, averageDecay } = settings;
  const { beta1, beta2, epsilon } = adam;
  const [kept, count] = [1 - decay, parameter.length];
  // As few operations for each entry as can be: what they share is multiplied out before.
  const rest1 = (1 - beta1) * scale;
  const rest2 = (1 - beta2) * scale * scale;
  const size = stepSize * secondCorrection;
  const least = epsilon * secondCorrection;
  let check = 0;
  for (let i = 0; i < count; i += 1) {
    const slope = gradient[i]!;
    const m = beta1 * first[i]! + rest1 * slope;
    const v = Math.fround(beta2 * second[i]! + rest2 * slope * slope);
    const p = Math.fround(kept * parameter[i]! - (size * m) / (Math.sqrt(v) + least));
    first[i] = m;
    second[i] = v;
    parameter[i] = p;
    check += p + v;
  }
  if (average !== undefined) moveAverage(average, parameter, averageDecay);
  return check;
}

/** The average follows the weights in a pass of its own, so that neither loop has to choose. */
function moveAverage(average: Float32Array, parameter: Float32Array, decay: number): void {
  const rest = 1 - decay;
  for (let i = 0; i < average.length; i += 1)
    average[i] = decay * average[i]! + rest * parameter[i]!;
}
