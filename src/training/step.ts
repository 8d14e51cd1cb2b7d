import type { CompiledGraph, Feeds } from '../engine/contract.js';
import { adamFactors, gradientName, type TrainingStep } from '../graph/index.js';
import { type DataType, type Tensor, tensor } from '../tensor/tensor.js';
import { diverged, firstBad, requireSound } from './divergence.js';
import type { TrainingDefinition } from './kinds/kind.js';
import { learningRateAt } from './learning-rate.js';
import type { Photographs } from './photographs.js';
import type { Recipe } from './recipe.js';
import { followingState, stateFeeds, type TrainingState } from './state.js';

/** What every step of a run shares. */
export interface StepContext {
  readonly recipe: Recipe;
  readonly definition: TrainingDefinition;
  readonly photographs: Photographs;
  readonly step: TrainingStep;
  readonly compiled: CompiledGraph;
  /**
   * Where `compiled` takes gradients, since a step has several batches: copies of the graph that
   * gives them and the loss, which may run at the same time.
   */
  readonly gradients?: {
    readonly inputs: readonly string[];
    readonly lanes: readonly CompiledGraph[];
  };
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
 * @throws DivergenceError where the loss, a gradient or a parameter is not finite.
 */
export async function oneStep(
  number: number,
  state: TrainingState,
  context: StepContext,
): Promise<StepOutcome> {
  const { recipe, step, compiled } = context;
  const learningRate = learningRateAt(number, recipe);
  const { stepSize, secondCorrection } = adamFactors(number, learningRate, recipe.adam);
  const learnt = await learnFrom(number, state, context);
  const outputs = await compiled.run(
    only(step.model.inputs, {
      ...learnt.feeds,
      ...stateFeeds(state),
      stepSize: tensor([], [stepSize]),
      secondCorrection: tensor([], [secondCorrection]),
      averageDecay: tensor([], [averageDecayAt(number, recipe.average)]),
      decay: tensor([], [learningRate * recipe.weightDecay]),
    }),
  );
  const loss = learnt.loss ?? (outputs.loss!.data[0] as number);
  const next = followingState(step, outputs, state);
  requireSound(number, { loss, outputs, step, before: state, after: next, batch: learnt.feeds });
  return { state: next, loss, learningRate, making: learnt.making };
}

/** The batch of a step, or the mean gradients of its batches with their mean loss. */
async function learnFrom(
  number: number,
  state: TrainingState,
  { recipe, definition, photographs, step, gradients }: StepContext,
): Promise<{ readonly feeds: Feeds; readonly making: number; readonly loss?: number }> {
  let making = 0;
  const batch = async (part: number): Promise<Feeds> => {
    const start = performance.now();
    const feeds = await definition.batch(photographs, number, part);
    making += performance.now() - start;
    return feeds;
  };
  if (gradients === undefined) return { feeds: await batch(0), making };
  const { lanes, inputs } = gradients;
  const unchanged = stateFeeds(state);
  let loss = 0;
  let sums: Record<string, Tensor> = {};
  for (let first = 0; first < recipe.accumulate; first += lanes.length) {
    const together = lanes.slice(0, recipe.accumulate - first);
    const results = await Promise.all(
      together.map(async (lane, index) => {
        const feeds = await batch(first + index);
        return { feeds, outputs: await lane.run(only(inputs, { ...feeds, ...unchanged })) };
      }),
    );
    // In the order of the batches, so that the sum does not depend on how many run together.
    for (const { feeds, outputs } of results) {
      const lossOfPart = outputs.loss!.data[0] as number;
      const named = step.parameters.map((name) => [name, outputs[gradientName(name)]!] as const);
      const bad = firstBad(named);
      if (!Number.isFinite(lossOfPart) || bad !== undefined)
        throw diverged(number, { loss: lossOfPart, gradient: bad, before: state, batch: feeds });
      loss += lossOfPart / recipe.accumulate;
      sums = addTo(sums, outputs, step.parameters);
    }
  }
  for (const { data } of Object.values(sums))
    for (let i = 0; i < data.length; i += 1) data[i]! /= recipe.accumulate;
  return { feeds: sums, making, loss };
}

function addTo(
  sums: Record<string, Tensor>,
  outputs: Readonly<Record<string, Tensor<DataType>>>,
  parameters: readonly string[],
): Record<string, Tensor> {
  for (const parameter of parameters) {
    const name = gradientName(parameter);
    const { data } = outputs[name]!;
    const sum = sums[name];
    if (sum === undefined) sums[name] = outputs[name] as Tensor;
    else for (let i = 0; i < data.length; i += 1) sum.data[i]! += data[i] as number;
  }
  return sums;
}

/** Graphs take exactly their inputs; a loss of one's own may leave some of a batch aside. */
function only(names: readonly string[], feeds: Feeds): Feeds {
  return Object.fromEntries(names.map((name) => [name, feeds[name]!]));
}

/** Early averages forget faster, so that they do not hold on to the weights of the beginning. */
function averageDecayAt(step: number, average: number): number {
  return Math.min(average, step / (step + 10));
}
