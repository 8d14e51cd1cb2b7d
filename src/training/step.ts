import type { CompiledGraph } from '../engine/contract.js';
import { adamFactors, stateName, type TrainingStep } from '../graph/index.js';
import { ModelError } from '../tensor/errors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import type { TrainingDefinition } from './kinds/kind.js';
import { learningRateAt } from './learning-rate.js';
import type { Photographs } from './photographs.js';
import type { Recipe } from './recipe.js';
import { followingState, stateFeeds, type TrainingState } from './state.js';

/** The loss, a gradient or the state is no longer a number. */
export class DivergenceError extends ModelError {}

/** What every step of a run shares. */
export interface StepContext {
  readonly recipe: Recipe;
  readonly definition: TrainingDefinition;
  readonly photographs: Photographs;
  readonly step: TrainingStep;
  readonly compiled: CompiledGraph;
}

/** What a step gives. */
export interface StepOutcome {
  readonly state: TrainingState;
  readonly loss: number;
  readonly learningRate: number;
  /** Milliseconds that the batch took to be made. */
  readonly making: number;
}

/**
 * Carries out one training step.
 * @param number of the step, counted from 1.
 * @throws DivergenceError where the loss or a gradient is not finite.
 */
export async function oneStep(
  number: number,
  state: TrainingState,
  { recipe, definition, photographs, step, compiled }: StepContext,
): Promise<StepOutcome> {
  const start = performance.now();
  const batch = await definition.batch(photographs, number);
  const making = performance.now() - start;
  const learningRate = learningRateAt(number, recipe);
  const { stepSize, secondCorrection } = adamFactors(number, learningRate);
  const outputs = await compiled.run({
    ...batch,
    ...stateFeeds(state),
    stepSize: tensor([], [stepSize]),
    secondCorrection: tensor([], [secondCorrection]),
    averageDecay: tensor([], [averageDecayAt(number, recipe.average)]),
  });
  const loss = outputs.loss!.data[0] as number;
  if (!Number.isFinite(loss)) throw diverged(number, `the loss is ${loss}`);
  const next = followingState(step, outputs);
  // The first moments take up the gradients, so they show whether one is not finite; the runtime's
  // maximum of all gradients would not, since it passes over NaN.
  const bad = step.parameters.find((name) => !allFinite(next.get(stateName('first', name))!));
  if (bad !== undefined) throw diverged(number, `the gradient of ${bad} is not finite`);
  return { state: next, loss, learningRate, making };
}

/**
 * Refuses a state that is not to be saved.
 * @throws DivergenceError that names the first tensor with an entry that is not finite.
 */
export function requireFinite(step: number, state: TrainingState): void {
  for (const [name, value] of state)
    if (!allFinite(value)) throw diverged(step, `${name} is no longer finite`);
}

/** Early averages forget faster, so that they do not hold on to the weights of the beginning. */
function averageDecayAt(step: number, average: number): number {
  return Math.min(average, step / (step + 10));
}

/** A sum in double precision is finite exactly where all entries are. */
function allFinite({ data }: Tensor): boolean {
  let sum = 0;
  for (let i = 0; i < data.length; i += 1) sum += data[i]!;
  return Number.isFinite(sum);
}

function diverged(step: number, what: string): DivergenceError {
  return new DivergenceError('training', `step ${step}: ${what}; lower the learning rate`, {
    expected: 'finite numbers',
  });
}
