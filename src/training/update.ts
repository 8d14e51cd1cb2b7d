import { type AdamFactors, type AdamSettings, type StatePart, stateName } from '../graph/index.js';
import type { GradientSums } from './gradient-sums.js';
import type { TrainingState } from './state.js';

/** What an update depends on besides the state and the gradients. */
export interface UpdateSettings extends AdamFactors {
  readonly adam: AdamSettings;
  /** Largest Euclidean norm of all mean gradients together. */
  readonly clip?: number | undefined;
  /** Learning rate x weight decay. */
  readonly decay: number;
  readonly averageDecay: number;
}

interface Factors extends UpdateSettings {
  /** Makes the gradient that counts of a sum. */
  readonly scale: number;
}

/** Keeps the quotient finite where all gradients are 0. */
const TINY = 1e-12;

/**
 * One Adam update, with an exponential moving average of the weights where the state has one, by
 * the mean of the gradients that were added up: what `buildTrainingStep` writes as a graph, in one
 * pass and one for the average, in the arrays of `state`.
 * @returns whether all that it wrote is finite.
 */
export function updateState(
  state: TrainingState,
  gradients: GradientSums,
  settings: UpdateSettings,
): boolean {
  const factors = { ...settings, scale: scaleOf(gradients, settings.clip) };
  let check = 0;
  for (const [index, name] of gradients.parameters.entries()) {
    const part = (kind: StatePart) => state.get(stateName(kind, name))?.data;
    const own = { parameter: part('parameter')!, first: part('first')!, second: part('second')! };
    const gradient = gradients.sums[index]!;
    const average = part('average');
    check += updateWeights(own, gradient, factors);
    if (average !== undefined) moveAverage(average, own.parameter, settings.averageDecay);
  }
  return Number.isFinite(check);
}

/** Mean gradients times min(1, limit / norm), as `clipToNorm`. */
function scaleOf({ squares, batches }: GradientSums, limit: number | undefined): number {
  if (limit === undefined) return 1 / batches;
  const norm = Math.sqrt(squares.reduce((sum, value) => sum + value, 0)) / batches;
  return Math.min(1, limit / (norm + TINY)) / batches;
}

interface Arrays {
  readonly parameter: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** Gives a sum that is finite where the weights and the second moments are. */
function updateWeights(
  { parameter, first, second }: Arrays,
  gradient: Float32Array,
  { adam, stepSize, secondCorrection, decay, scale }: Factors,
): number {
  const { beta1, beta2, epsilon } = adam;
  const [rest1, rest2, kept, correction] = [1 - beta1, 1 - beta2, 1 - decay, 1 / secondCorrection];
  let check = 0;
  for (let i = 0; i < parameter.length; i += 1) {
    const slope = gradient[i]! * scale;
    const m = beta1 * first[i]! + rest1 * slope;
    const v = Math.fround(beta2 * second[i]! + rest2 * slope * slope);
    const p = Math.fround(
      kept * parameter[i]! - (stepSize * m) / (Math.sqrt(v) * correction + epsilon),
    );
    first[i] = m;
    second[i] = v;
    parameter[i] = p;
    check += p + v;
  }
  return check;
}

/** The average follows the weights in a pass of its own, so that neither loop has to choose. */
function moveAverage(average: Float32Array, parameter: Float32Array, decay: number): void {
  const rest = 1 - decay;
  for (let i = 0; i < average.length; i += 1)
    average[i] = decay * average[i]! + rest * parameter[i]!;
}
