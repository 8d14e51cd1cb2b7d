import { expect, onTestFinished, test } from 'vitest';
import { createLocalRunner } from '../../engine/local-runner.js';
import type { SessionWorker } from '../../graph/graph-runner.js';
import {
  adamFactors,
  buildTrainingStep,
  input,
  lowerToOnnx,
  mul,
  nextStateName,
  ParameterScope,
  reduceSum,
  scalar,
  stateName,
} from '../../graph/index.js';
import { compileModel } from '../../graph/testing/evaluate.js';
import { expectClose, sample } from '../../graph/testing/tensors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { EngineError } from '../../utils/errors.js';
import { freshState, type TrainingState } from '../step/state.js';
import { openShare, type ShareRequest, type ShareTask } from './parameter-share.js';
import { divide, Updater } from './updater.js';

const shapes = { kernels: [3, 2, 3, 3], bias: [5] } as const;
const names = ['kernels', 'bias'] as const;

/** Gradients of a batch, made up. */
function batch(seed: number): Record<string, Tensor> {
  return Object.fromEntries(
    names.map((name, index) => [`gradient:${name}`, sample([...shapes[name]], seed + 10 * index)]),
  );
}

function beginning(average = true): TrainingState {
  const weights = new Map(names.map((name) => [name, sample([...shapes[name]], 3)]));
  const state = [...freshState(weights)];
  return new Map(average ? state : state.filter(([name]) => !name.startsWith('average')));
}

test.each([
  { clip: undefined, decay: 0, average: true },
  { clip: undefined, decay: 0, average: false },
  { clip: 0.5, decay: 0.01, average: true },
  { clip: 1e3, decay: 0.01, average: true },
])('an update is that of the graph: %j', async ({ clip, decay, average }) => {
  const scope = new ParameterScope();
  const losses = names.map((name) => {
    const weight = scope.parameter(name, [...shapes[name]]);
    const slope = scope.child('slope').parameter(name, [...shapes[name]]);
    const axes = weight.shape.map((_, axis) => axis);
    return { name, weight, slope, term: reduceSum(mul(weight, slope), axes, false) };
  });
  const trained = new Map(losses.map(({ name, weight }) => [name as string, weight]));
  const graph = buildTrainingStep({
    loss: mul(losses[0]!.term, losses[1]!.term),
    trained,
    average,
    clip,
    decay: true,
    exposeGradients: true,
  });
  const compiled = await compileModel(graph.model.bytes);
  const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  let expected = beginning(average);
  const state = beginning(average);
  const updater = new Updater(names, []);
  for (let number = 1; number <= 3; number += 1) {
    const factors = { ...adamFactors(number, 0.01), averageDecay: number / (number + 10), decay };
    const scalars = Object.entries(factors).map(([name, value]) => [name, tensor([], [value])]);
    const feeds = {
      ...Object.fromEntries(expected),
      ...Object.fromEntries(
        names.map((name) => [`slope.${name}`, sample([...shapes[name]], number)]),
      ),
      ...Object.fromEntries(scalars),
    };
    const used = graph.model.inputs.map((name) => [name, feeds[name]!] as const);
    const outputs = await compiled.run(Object.fromEntries(used));
    const rounds: Record<string, Tensor>[] = [];
    for (const share of [0.25, 1.5, 1.25]) {
      const parts = names.map((name): [string, Tensor] => {
        const { shape, data } = outputs[`gradient:${name}`]!;
        return [
          `gradient:${name}`,
          tensor(
            shape,
            data.map((value) => share * value),
          ),
        ];
      });
      rounds.push(Object.fromEntries(parts));
    }
    await updater.add(state, rounds.slice(0, 2), { begins: true });
    const update = { settings: { ...factors, adam }, clip };
    expect(await updater.add(state, rounds.slice(2), { begins: false, update })).toBe(true);
    expected = new Map(
      names.flatMap((name) =>
        graph.parts.map((part) => [stateName(part, name), outputs[nextStateName(part, name)]!]),
      ),
    );
    for (const [name, value] of expected) expectClose(state.get(name)!, value);
  }
  await compiled.release();
});

test('only what is left of the numbers is told', async () => {
  const settings = {
    ...adamFactors(1, 0.01),
    adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    averageDecay: 0.9,
    decay: 0,
  };
  for (const part of ['parameter', 'second'] as const)
    for (const name of names) {
      const state = beginning();
      const updater = new Updater(names, []);
      const work = () =>
        updater.add(state, [batch(1), batch(2)], { begins: true, update: { settings } });
      expect(await work()).toBe(true);
      const { data } = state.get(stateName(part, name))!;
      data[data.length - 1] = Number.POSITIVE_INFINITY;
      expect(await work()).toBe(false);
    }
});

test('a step of a single batch is clipped by its own norm, and refused where it is not finite', async () => {
  const settings = {
    ...adamFactors(1, 0.01),
    ...{ adam: { beta1: 0, beta2: 0.999, epsilon: 1e-8 }, averageDecay: 0.9, decay: 0 },
  };
  const update = { settings, clip: 0.5 };
  const updater = new Updater(names, []);
  const state = beginning();
  for (const seed of [1, 40]) {
    await updater.add(state, [batch(seed)], { begins: true, update });
    const moments = names.flatMap((name) => [...state.get(stateName('first', name))!.data]);
    expect(Math.hypot(...moments)).toBeCloseTo(0.5, 6);
  }
  const before = structuredClone(state);
  const spoilt = batch(3);
  spoilt['gradient:bias']!.data[2] = Number.NaN;
  await updater.add(state, [spoilt], { begins: true, update });
  expect([...updater.squares].map(Number.isFinite)).toEqual([true, false]);
  expect(state).toEqual(before);
});

test('an update that fails midway spoils the state, sums that fail do not', async () => {
  const settings = {
    ...adamFactors(1, 0.01),
    ...{ adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, averageDecay: 0.9, decay: 0 },
  };
  for (const failing of ['add', 'update'] as const) {
    const copies = [0, 1].map((index): SessionWorker => {
      const ask = (payload: unknown) => {
        const share = openShare(payload as ShareTask);
        return async (request: ShareRequest) => {
          if (index === 1 && request[failing] !== undefined)
            throw new EngineError('copy', 'its thread ended');
          return share(request);
        };
      };
      const open = async (_: unknown, payload: unknown) => ask(payload);
      return { run: async () => ({}), open: open as unknown as NonNullable<SessionWorker['open']> };
    });
    const updater = new Updater(names, copies);
    const state = updater.placed(beginning());
    const round = [batch(1), batch(2)];
    const update = { settings, clip: 0.5 };
    await expect(updater.add(state, round, { begins: true, update })).rejects.toThrow(EngineError);
    expect(updater.spoilt).toBe(failing === 'update');
    const changed = [...beginning()].filter(([name, { data }]) =>
      state.get(name)!.data.some((value, index) => value !== data[index]),
    );
    expect(changed.length > 0).toBe(failing === 'update');
  }
});

test.each([0.5, undefined])(
  'threads that share the work, clipping to %s, give the bits of one',
  async (clip) => {
    const runner = await createLocalRunner({ threads: 2 });
    onTestFinished(() => runner.dispose());
    const inputs = names.map((name) => [name, input(name, [...shapes[name]])] as const);
    // Outputs that are what comes in: gradients as they are wanted.
    const { bytes } = lowerToOnnx({
      outputs: Object.fromEntries(
        inputs.map(([name, value]) => [`gradient:${name}`, mul(value, scalar(1))]),
      ),
    });
    const copies = await runner.compileWorkers!('gradients', bytes, 2);
    const [together, alone] = [new Updater(names, copies), new Updater(names, [])];
    let shared = together.placed(beginning());
    const own = beginning();
    for (let number = 1; number <= 3; number += 1) {
      const rounds = [[1, 2], [3]].map((seeds) => seeds.map((seed) => batch(seed + number)));
      const settings = {
        ...adamFactors(number, 0.01),
        ...{ adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, averageDecay: 0.9, decay: 0.01 },
      };
      for (const [index, round] of rounds.entries()) {
        const outputs = await Promise.all(
          round.map((gradients, copy) =>
            copies[copy]!.run(
              Object.fromEntries(names.map((name) => [name, gradients[`gradient:${name}`]!])),
            ),
          ),
        );
        const update = index === 0 ? undefined : { settings, clip };
        const options = { begins: index === 0, update };
        expect(await together.add(shared, outputs, options)).toBe(true);
        expect(await alone.add(own, round, options)).toBe(true);
      }
      expect(together.squares).toEqual(alone.squares);
      expect(shared).toEqual(own);
      expect(together.placed(shared)).toBe(shared);
      // Another state, as after a resumption, is taken up as it is.
      if (number === 2) shared = together.placed(new Map(shared));
    }
  },
);

test('everything is somebody’s, and nobody has much more than another', () => {
  const sizes = Array.from({ length: 40 }, (_, index) => 1 + ((index * 37) % 23));
  for (const workers of [1, 2, 3, 7]) {
    const shares = divide(sizes, workers);
    expect(shares).toHaveLength(workers);
    expect(shares.flat().sort((a, b) => a - b)).toEqual([...sizes.keys()]);
    const totals = shares.map((share) => share.reduce((sum, index) => sum + sizes[index]!, 0));
    expect(Math.max(...totals) - Math.min(...totals)).toBeLessThanOrEqual(23);
    for (const share of shares) expect(share).toEqual([...share].sort((a, b) => a - b));
  }
});

test('a large thing is alone, and whom nothing is left for has nothing', () => {
  expect(divide([1, 100, 2, 3], 2)).toEqual([[1], [0, 2, 3]]);
  expect(divide([5], 3)).toEqual([[0], [], []]);
});
