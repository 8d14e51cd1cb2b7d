import { expect, test } from 'vitest';
import type { CompiledGraph, Feeds } from '../../graph/graph-runner.js';
import { buildTrainingStep, nextStateName } from '../../graph/index.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ModelError } from '../../utils/errors.js';
import { defineTraining } from '../definition.js';
import { initialWeights } from '../initial-weights.js';
import { openPhotographs } from '../photographs/photographs.js';
import { imageFolder } from '../testing/fixtures.js';
import { restorerRecipe } from '../testing/recipes.js';
import { requireFinite } from './divergence.js';
import { freshState, type TrainingState } from './state.js';
import { learningRateAt, oneStep, type StepContext } from './training-step.js';

const recipe = restorerRecipe(await imageFolder([40, 40]));
const definition = defineTraining(recipe, {});
const step = buildTrainingStep({ ...definition, average: true });
const photographs = await openPhotographs(recipe.data);
const state = freshState(initialWeights(definition.trained, 1));

/** A graph whose outputs are the state as it was, with changes. */
function context(changes: Record<string, Tensor>, seen: Feeds[] = []): StepContext {
  const unchanged = Object.fromEntries(
    step.parameters.flatMap((name) =>
      step.parts.map((part) => [
        nextStateName(part, name),
        state.get(part === 'parameter' ? name : `${part}:${name}`)!,
      ]),
    ),
  );
  const compiled: CompiledGraph = {
    run: async (feeds) => {
      seen.push(feeds);
      return {
        loss: tensor([], [0.5]),
        ...unchanged,
        ...changes,
      };
    },
  };
  return { recipe, definition, photographs, step, compiled };
}

test('a step feeds exactly the inputs of the training graph', async () => {
  const seen: Feeds[] = [];
  const { loss } = await oneStep(3, state, context({}, seen));
  expect(loss).toBe(0.5);
  expect(Object.keys(seen[0]!).sort()).toEqual([...step.model.inputs].sort());
  expect(seen[0]!.averageDecay!.data[0]).toBe(Math.fround(3 / 13));
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('a loss of %d ends training', async (loss) => {
  const work = oneStep(3, state, context({ loss: tensor([], [loss]) }));
  await expect(work).rejects.toThrow(ModelError);
  await expect(work).rejects.toThrow(`training: step 3: the loss is ${loss}; lower the learning`);
});

test('a gradient that is not finite ends training by its name, whatever the loss', async () => {
  const moment = state.get('first:tail.bias')!;
  const values = moment.data.slice();
  values[values.length - 1] = Number.NaN;
  const changes = { [nextStateName('first', 'tail.bias')]: tensor(moment.shape, values) };
  await expect(oneStep(8, state, context(changes))).rejects.toThrow(
    'training: step 8: the gradient of tail.bias is not finite',
  );
});

test('a state is refused by the first tensor that is not finite', () => {
  requireFinite(4, state);
  const bad: TrainingState = new Map([...state, ['second:head.bias', tensor([2], [1, -1 / 0])]]);
  expect(() => requireFinite(4, bad)).toThrow('step 4: second:head.bias is no longer finite');
});

test('a loss and a gradient that are not finite are told together', async () => {
  const moment = state.get('first:head.weight')!;
  const changes = {
    loss: tensor([], [Number.NaN]),
    [nextStateName('first', 'head.weight')]: tensor(
      moment.shape,
      moment.data.map(() => 1 / 0),
    ),
  };
  await expect(oneStep(2, state, context(changes))).rejects.toThrow(
    'step 2: the loss is NaN and the gradient of head.weight is not finite; lower the learning',
  );
});

test('a parameter that leaves the numbers ends training in that very step', async () => {
  const tail = state.get('tail.bias')!;
  const changes = {
    [nextStateName('parameter', 'tail.bias')]: tensor(
      tail.shape,
      tail.data.map(() => -1 / 0),
    ),
  };
  await expect(oneStep(5, state, context(changes))).rejects.toThrow(
    'step 5: tail.bias is no longer finite',
  );
  const squares = {
    [nextStateName('second', 'tail.bias')]: tensor(
      tail.shape,
      tail.data.map(() => 1 / 0),
    ),
  };
  await expect(oneStep(5, state, context(squares))).rejects.toThrow(
    'step 5: the squared gradient of tail.bias is no longer finite',
  );
});

test('with a NaN among the weights or in the batch, that tensor is named and not what follows', async () => {
  const nan = { loss: tensor([], [Number.NaN]) };
  const head = state.get('head.weight')!;
  const spoilt = head.data.slice();
  spoilt[3] = Number.NaN;
  const bad: TrainingState = new Map([...state, ['head.weight', tensor(head.shape, spoilt)]]);
  await expect(oneStep(6, bad, context(nan))).rejects.toThrow(
    /^training: step 6: head\.weight is not finite$/,
  );
  const batch = async () => ({ low: tensor([1], [Number.NaN]), target: tensor([1]) });
  const withBatch = { ...context(nan), definition: { ...definition, batch } };
  await expect(oneStep(6, state, withBatch)).rejects.toThrow('step 6: low is not finite');
});

const cosine = {
  learningRate: 1e-3,
  schedule: { kind: 'cosine', final: 0.1 },
  warmup: 0,
  steps: 101,
} as const;
const decay = {
  learningRate: 1e-3,
  schedule: { kind: 'step', factor: 0.5, every: 10 },
  warmup: 0,
  steps: 100,
} as const;

test('a cosine falls from the learning rate to its final share, half-way at half time', () => {
  expect(learningRateAt(1, cosine)).toBeCloseTo(1e-3, 15);
  expect(learningRateAt(51, cosine)).toBeCloseTo(0.55e-3, 15);
  expect(learningRateAt(101, cosine)).toBeCloseTo(1e-4, 15);
  for (let step = 2; step <= 101; step += 1)
    expect(learningRateAt(step, cosine)).toBeLessThan(learningRateAt(step - 1, cosine));
});

test('a cosine of one step is at its height, and stays low after its end', () => {
  expect(learningRateAt(1, { ...cosine, steps: 1 })).toBe(1e-3);
  expect(learningRateAt(500, cosine)).toBeCloseTo(1e-4, 15);
});

test('a step decay multiplies after every so many steps', () => {
  expect([1, 10, 11, 20, 21].map((step) => learningRateAt(step, decay))).toEqual([
    1e-3, 1e-3, 5e-4, 5e-4, 2.5e-4,
  ]);
});

test("the paper's fusion schedule is 1e-4 * 0.99^floor(step / 1000)", () => {
  const paper = {
    learningRate: 1e-4,
    schedule: { kind: 'step', factor: 0.99, every: 1000 },
    warmup: 0,
    steps: 300_000,
  } as const;
  expect(learningRateAt(123_456, paper)).toBeCloseTo(1e-4 * 0.99 ** 123, 18);
});

test('a warm-up rises linearly from nothing and is over after its steps', () => {
  const warm = { ...decay, warmup: 4 };
  expect([1, 2, 3, 4, 5].map((step) => learningRateAt(step, warm))).toEqual([
    2.5e-4, 5e-4, 7.5e-4, 1e-3, 1e-3,
  ]);
});
