import type { Feeds } from '../../graph/graph-runner.js';
import { gradientName } from '../../graph/index.js';
import { diverged, requireFiniteUpdate } from './divergence.js';
import { only } from './feeds.js';
import { firstBad } from './first-bad.js';
import { stateFeeds, type TrainingState } from './state.js';
import type { StepContext, StepFactors, StepOutcome } from './step-context.js';
import type { StepUpdate } from './updating/updater.js';

/** What a step of several batches runs: copies of one graph that may run at the same time. */
export type AccumulatedContext = Extract<StepContext, { readonly lanes: unknown }>;

/**
 * A step by the mean gradient of several batches. The state changes at its end, in the arrays of the
 * one before; a parameter only where its gradient is finite.
 * @throws as `oneStep`.
 */
export async function accumulatedStep(
  number: number,
  before: TrainingState,
  context: AccumulatedContext,
  factors: StepFactors,
): Promise<Omit<StepOutcome, 'learningRate'>> {
  const { recipe, step, updater } = context;
  const state = updater.placed(before);
  const update = { settings: { ...factors, adam: recipe.adam }, clip: recipe.clip };
  const { loss, making, batches, finite } = await learn(number, state, context, update);
  const bad = updater.squares.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const gradient = step.parameters[bad]!;
    throw diverged(number, { loss, gradient, before: state, batches });
  }
  if (!finite) requireFiniteUpdate(number, step.parameters, state);
  return { state, loss, making };
}

/** Updates the state by the gradients of a step's batches, and gives their mean loss. */
async function learn(
  number: number,
  state: TrainingState,
  { recipe, definition, photographs, step, lanes, updater }: AccumulatedContext,
  update: StepUpdate,
) {
  // Milliseconds that the lanes waited for batches, on the average.
  let making = 0;
  let loss = 0;
  let finite = true;
  const batches: Feeds[] = [];
  const unchanged = stateFeeds(state);
  const batch = async (part: number): Promise<Feeds> => {
    const start = performance.now();
    const feeds = await definition.batch(photographs, number, part);
    making += (performance.now() - start) / lanes.length;
    return feeds;
  };
  for (let first = 0; first < recipe.accumulate; first += lanes.length) {
    const together = lanes.slice(0, recipe.accumulate - first);
    const results = await Promise.all(
      together.map(async (lane, index) => {
        const feeds = await batch(first + index);
        const outputs = await lane.run(only(step.model.inputs, { ...feeds, ...unchanged }));
        return { feeds, outputs };
      }),
    );
    // In the order of the batches, so that the sum does not depend on how many run together.
    for (const { feeds, outputs } of results) {
      const lossOfPart = outputs.loss!.data[0] as number;
      if (!Number.isFinite(lossOfPart)) {
        const gradient = firstBad(
          step.parameters.map((name) => [name, outputs[gradientName(name)]!]),
        );
        const evidence = { loss: lossOfPart, gradient, before: state, batches: [feeds] };
        throw diverged(number, evidence);
      }
      loss += lossOfPart / recipe.accumulate;
      batches.push(feeds);
    }
    const last = first + lanes.length >= recipe.accumulate;
    finite = await updater.add(
      state,
      results.map(({ outputs }) => outputs),
      { begins: first === 0, update: last ? update : undefined },
    );
  }
  return { loss, making, batches, finite };
}
