import type { CompiledGraph, Feeds, SessionWorker } from '../../graph/graph-runner.js';
import {
  type AdamFactors,
  adamFactors,
  type GradientGraph,
  gradientName,
  type TrainingStep,
} from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { firstNotFinite } from '../../utils/finite.js';
import type { TrainingDefinition } from '../definition.js';
import type { StepUpdate, Updater } from '../optimizer/updater.js';
import type { Photographs } from '../photographs/photographs.js';
import type { Recipe } from '../recipe.js';
import { diverged, requireFiniteUpdate, requireSound } from './divergence.js';
import { followingState, stateFeeds, type TrainingState } from './state.js';

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
    'copies' in context
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

interface Shared {
  readonly recipe: Recipe;
  readonly definition: TrainingDefinition;
  readonly photographs: Photographs;
}

/** What every step of a run shares. */
export type StepContext = Shared &
  (
    | {
        /** A step of one batch, in one graph. */
        readonly step: TrainingStep;
        readonly compiled: CompiledGraph;
      }
    | {
        /** The gradients of one of several batches. */
        readonly step: GradientGraph;
        /** Copies of that graph that may run at the same time. */
        readonly copies: readonly SessionWorker[];
        /** Adds them up and updates the state. */
        readonly updater: Updater;
      }
  );

/** What a step gives. */
export interface StepOutcome {
  readonly state: TrainingState;
  readonly loss: number;
  readonly learningRate: number;
  /** Milliseconds that the batch took to be made. */
  readonly making: number;
}

/** Numbers of a step that its update takes. */
export interface StepFactors extends AdamFactors {
  readonly averageDecay: number;
  /** Learning rate x weight decay. */
  readonly decay: number;
}

/** What a step of several batches runs: copies of one graph that may run at the same time. */
export type AccumulatedContext = Extract<StepContext, { readonly copies: unknown }>;

/**
 * A step by the mean gradient of several batches. The state changes at its end, in the arrays of the
 * one before; a parameter only where its gradient is finite.
 * @throws as `oneStep`.
 */
async function accumulatedStep(
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
  { recipe, definition, photographs, step, copies, updater }: AccumulatedContext,
  update: StepUpdate,
) {
  // Milliseconds that the copies waited for batches, on the average.
  let making = 0;
  let loss = 0;
  let finite = true;
  const batches: Feeds[] = [];
  const unchanged = stateFeeds(state);
  const batch = async (part: number): Promise<Feeds> => {
    const start = performance.now();
    const feeds = await definition.batch(photographs, number, part);
    making += (performance.now() - start) / copies.length;
    return feeds;
  };
  for (let first = 0; first < recipe.accumulate; first += copies.length) {
    const together = copies.slice(0, recipe.accumulate - first);
    const results = await Promise.all(
      together.map(async (copy, index) => {
        const feeds = await batch(first + index);
        const outputs = await copy.run(only(step.model.inputs, { ...feeds, ...unchanged }));
        return { feeds, outputs };
      }),
    );
    // In the order of the batches, so that the sum does not depend on how many run together.
    for (const { feeds, outputs } of results) {
      const lossOfPart = outputs.loss!.data[0] as number;
      if (!Number.isFinite(lossOfPart)) {
        const gradient = firstNotFinite(
          step.parameters.map((name) => [name, outputs[gradientName(name)]!]),
        );
        const evidence = { loss: lossOfPart, gradient, before: state, batches: [feeds] };
        throw diverged(number, evidence);
      }
      loss += lossOfPart / recipe.accumulate;
      batches.push(feeds);
    }
    const last = first + copies.length >= recipe.accumulate;
    finite = await updater.add(
      state,
      results.map(({ outputs }) => outputs),
      { begins: first === 0, update: last ? update : undefined },
    );
  }
  return { loss, making, batches, finite };
}

/** The learning rate of a step, counted from 1. */
export function learningRateAt(
  step: number,
  recipe: Pick<Recipe, 'learningRate' | 'schedule' | 'warmup' | 'steps'>,
): number {
  const { learningRate, schedule, warmup, steps } = recipe;
  const rising = warmup > 0 ? Math.min(1, step / warmup) : 1;
  if (schedule.kind === 'step')
    return rising * learningRate * schedule.factor ** Math.floor((step - 1) / schedule.every);
  const progress = Math.min(1, (step - 1) / Math.max(1, steps - 1));
  const height = (1 + Math.cos(Math.PI * progress)) / 2;
  return rising * learningRate * (schedule.final + (1 - schedule.final) * height);
}

/** Graphs take exactly their inputs; a loss of one's own may leave some of a batch aside. */
function only(names: readonly string[], feeds: Feeds): Feeds {
  return Object.fromEntries(names.map((name) => [name, feeds[name]!]));
}
