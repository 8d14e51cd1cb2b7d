import { expect, test } from 'vitest';
import type { CompiledGraph, Feeds } from '../../graph/graph-runner.js';
import { buildGradientGraph, gradientName } from '../../graph/index.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { defineTraining } from '../definition.js';
import { initialWeights } from '../initial-weights.js';
import { Updater } from '../optimizer/updater.js';
import { openPhotographs } from '../photographs/photographs.js';
import { imageFolder } from '../testing/fixtures.js';
import { restorerRecipe } from '../testing/recipes.js';
import { DivergenceError } from './divergence.js';
import { freshState, type TrainingState } from './state.js';
import { oneStep, type StepContext } from './training-step.js';

const recipe = restorerRecipe(await imageFolder([40, 40]), { accumulate: 3 });
const definition = defineTraining(recipe, {});
const step = buildGradientGraph(definition);
const photographs = await openPhotographs(recipe.data);
const beginning = (): TrainingState => freshState(initialWeights(definition.trained, 1));
const zeros = new Map(step.parameters.map((name) => [name, definition.trained.get(name)!.shape]));

/** Two copies of a graph whose gradients are 1 but for those of a batch. */
function context(changes: Record<string, Tensor>, changed = 1, seen: Feeds[] = []): StepContext {
  const gradients = [...zeros].map(([name, shape]): [string, Tensor] => {
    const value = tensor(shape);
    value.data.fill(1);
    return [gradientName(name), value];
  });
  const copy: CompiledGraph = {
    run: async (feeds) => {
      const number = seen.push(feeds) - 1;
      const common = { loss: tensor([], [number]), ...Object.fromEntries(gradients) };
      return number === changed ? { ...common, ...changes } : common;
    },
  };
  const copies = [copy, copy];
  return {
    ...{ recipe, definition, photographs, step, copies },
    updater: new Updater(step.parameters, copies),
  };
}

const filled = (name: string, value: number): Tensor => {
  const made = tensor(zeros.get(name)!);
  made.data[made.data.length - 1] = value;
  return made;
};

test('each batch runs once with the weights from before, and the loss is the mean', async () => {
  const seen: Feeds[] = [];
  const before = beginning();
  const { loss, state } = await oneStep(1, before, context({}, -1, seen));
  expect(loss).toBe(1);
  expect(seen).toHaveLength(3);
  for (const feeds of seen)
    expect(Object.keys(feeds).sort()).toEqual([...step.model.inputs].sort());
  expect(state.size).toBe(before.size);
  for (const name of step.parameters)
    for (const value of state.get(`first:${name}`)!.data) expect(value).toBeCloseTo(0.1, 7);
});

test.each([0, 1, 2])(
  'a gradient of batch %i that is not finite ends training by its name; nothing has changed',
  async (batch) => {
    const changes = { [gradientName('tail.bias')]: filled('tail.bias', Number.NaN) };
    const state = beginning();
    const work = oneStep(4, state, context(changes, batch));
    await expect(work).rejects.toThrow(DivergenceError);
    await expect(work).rejects.toThrow('step 4: the gradient of tail.bias is not finite; lower');
    expect(state).toEqual(beginning());
  },
);

test('what batches take counts once where copies wait at the same time', async () => {
  const wait = 80;
  const given = context({}, -1);
  const feeds = await definition.batch(photographs, 1, 0);
  const batch = async () => {
    await new Promise((resolve) => setTimeout(resolve, wait));
    return feeds;
  };
  const slow = { ...given, definition: { ...definition, batch } };
  const start = performance.now();
  const { making } = await oneStep(1, beginning(), slow);
  // Two copies for three batches: one waits twice.
  expect(making).toBeGreaterThan(1.4 * wait);
  expect(making).toBeLessThan(performance.now() - start);
});

test('a loss and a gradient of a batch that are not finite are told together', async () => {
  const changes = {
    loss: tensor([], [Number.POSITIVE_INFINITY]),
    [gradientName('head.weight')]: filled('head.weight', Number.NEGATIVE_INFINITY),
  };
  await expect(oneStep(2, beginning(), context(changes))).rejects.toThrow(
    'step 2: the loss is Infinity and the gradient of head.weight is not finite; lower',
  );
});

test('gradients whose squares are no numbers end training', async () => {
  const changes = { [gradientName('tail.bias')]: filled('tail.bias', 3e38) };
  await expect(oneStep(2, beginning(), context(changes))).rejects.toThrow(
    'step 2: the squared gradient of tail.bias is no longer finite',
  );
});

test('a value of a batch that is not finite is named and not what follows', async () => {
  const nan = { loss: tensor([], [Number.NaN]) };
  const batch = async () => ({ low: tensor([1], [Number.NaN]), target: tensor([1]) });
  const spoilt = { ...context(nan), definition: { ...definition, batch } };
  await expect(oneStep(6, beginning(), spoilt)).rejects.toThrow('step 6: low is not finite');
});
