import { expect, test } from 'vitest';
import {
  adamFactors,
  buildTrainingStep,
  mul,
  nextStateName,
  ParameterScope,
  reduceSum,
  stateName,
} from '../graph/index.js';
import { compileModel } from '../graph/testing/evaluate.js';
import { expectClose, sample } from '../graph/testing/tensors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { GradientSums } from './gradient-sums.js';
import { freshState, type TrainingState } from './state.js';
import { updateState } from './update.js';

const shapes = { kernels: [3, 2, 3, 3], bias: [5] } as const;
const names = ['kernels', 'bias'] as const;

/** Gradients of a batch, made up. */
function batch(seed: number): Record<string, Tensor> {
  return Object.fromEntries(
    names.map((name, index) => [`gradient:${name}`, sample([...shapes[name]], seed + 10 * index)]),
  );
}

function summed(...seeds: number[]): GradientSums {
  const sums = new GradientSums(names);
  sums.clear();
  for (const seed of seeds) sums.add(batch(seed));
  return sums;
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
    const sums = new GradientSums(names);
    sums.clear();
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
      sums.add(Object.fromEntries(parts));
    }
    expect(updateState(state, sums, { ...factors, adam, clip })).toBe(true);
    expected = new Map(
      names.flatMap((name) =>
        graph.parts.map((part) => [stateName(part, name), outputs[nextStateName(part, name)]!]),
      ),
    );
    for (const [name, value] of expected) expectClose(state.get(name)!, value);
  }
  await compiled.release();
});

test('only what is left of the numbers is told', () => {
  const settings = {
    ...adamFactors(1, 0.01),
    adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    averageDecay: 0.9,
    decay: 0,
  };
  for (const part of ['parameter', 'second'] as const)
    for (const name of names) {
      const state = beginning();
      expect(updateState(state, summed(1, 2), settings)).toBe(true);
      const { data } = state.get(stateName(part, name))!;
      data[data.length - 1] = Number.POSITIVE_INFINITY;
      expect(updateState(state, summed(1, 2), settings)).toBe(false);
    }
});
