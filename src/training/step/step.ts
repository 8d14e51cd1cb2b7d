import { adamFactors } from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { accumulatedStep } from './accumulated-step.js';
import { requireSound } from './divergence.js';
import { only } from './feeds.js';
import { learningRateAt } from './learning-rate.js';
import { followingState, stateFeeds, type TrainingState } from './state.js';
import type { StepContext, StepFactors, StepOutcome } from './step-context.js';

/**
 * Carries out one training step.
 * @param number of the step, counted from 1.
 * @param state is used up: the state that follows may lie in its arrays. It is as it was where the
 * step fails before weights change; after a DivergenceError it may be spoilt.
 * @throws DivergenceError where the loss, a gradient or a parameter is not finite.
 */
export async function oneStep(
  number: number,
  state: TrainingState,
  context: StepContext,
): Promise<StepOutcome> {
  const { recipe } = context;
  const learningRate = learningRateAt(number, recipe);
  const factors = {
    ...adamFactors(number, learningRate, recipe.adam),
    averageDecay: averageDecayAt(number, recipe.average),
    decay: learningRate * recipe.weightDecay,
  };
  const outcome =
    'lanes' in context
      ? await accumulatedStep(number, state, context, factors)
      : await wholeStep(number, state, context, factors);
  return { ...outcome, learningRate };
}

async function wholeStep(
  number: number,
  state: TrainingState,
  context: Extract<StepContext, { readonly compiled: unknown }>,
  factors: StepFactors,
): Promise<Omit<StepOutcome, 'learningRate'>> {
  const { definition, photographs, step, compiled } = context;
  const start = performance.now();
  const batch = await definition.batch(photographs, number);
  const making = performance.now() - start;
  const scalars = Object.entries(factors).map(([name, value]) => [name, tensor([], [value])]);
  const outputs = await compiled.run(
    only(step.model.inputs, { ...batch, ...stateFeeds(state), ...Object.fromEntries(scalars) }),
  );
  const loss = outputs.loss!.data[0] as number;
  const next = followingState(step, outputs, state);
  requireSound(number, { loss, outputs, step, before: state, after: next, batch });
  return { state: next, loss, making };
}

/** Early averages forget faster, so that they do not hold on to the weights of the beginning. */
function averageDecayAt(step: number, average: number): number {
  return Math.min(average, step / (step + 10));
}
