import { expect, test } from 'vitest';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ModelError, ParameterError } from '../../utils/errors.js';
import { input, ParameterScope } from '../leaves.js';
import { lowerToOnnx } from '../lowering/lower.js';
import { graphMemory } from '../lowering/peak-memory.js';
import {
  abs,
  add,
  concat,
  conv2d,
  matmul,
  mul,
  reduceMean,
  relu,
  sub,
} from '../operators/index.js';
import { compileModel, evaluate, runModel } from '../testing/evaluate.js';
import { expectClose, sample } from '../testing/tensors.js';
import type { Value } from '../value.js';
import { gradients } from './differentiate.js';
import { adamFactors } from './optimizer.js';
import {
  buildTrainingStep,
  meanOverParts,
  nextStateName,
  STATE_PARTS,
  stateName,
} from './training-step.js';

const scope = new ParameterScope();
const frozenScope = new ParameterScope();
const weight = scope.parameter('weight', [3, 2]);
const scale = frozenScope.parameter('scale', [2]);
const x = input('x', [4, 3]);
const target = input('target', [4, 2]);
const error = sub(mul(matmul(x, weight), scale), target);
const loss = reduceMean(mul(error, error), [0, 1], false);
const frozen = new Map([['scale', tensor([2], [1, 0.5])]]);
const image = sample([4, 3], 1);
const wanted = sample([4, 2], 2);

function start(parts: readonly string[]): Record<string, Tensor> {
  const initial = sample([3, 2], 3);
  return Object.fromEntries(
    STATE_PARTS.filter((part) => parts.includes(part)).map((part) => [
      stateName(part, 'weight'),
      part === 'parameter' || part === 'average' ? initial : tensor([3, 2]),
    ]),
  );
}

function factorsOf(k: number): Record<string, Tensor> {
  const { stepSize, secondCorrection } = adamFactors(k, 0.05);
  return { stepSize: tensor([], [stepSize]), secondCorrection: tensor([], [secondCorrection]) };
}

test('steps lower the loss; moments, average and gradients come along', async () => {
  const step = buildTrainingStep({
    loss,
    trained: scope.declared(),
    frozen,
    average: true,
    exposeGradients: true,
  });
  expect(step.parameters).toEqual(['weight']);
  expect(step.parts).toEqual([...STATE_PARTS]);
  const compiled = await compileModel(step.model.bytes);
  const decay = 0.75;
  let state = start(step.parts);
  const losses: number[] = [];
  for (let k = 1; k <= 60; k += 1) {
    const result = await compiled.run({
      x: image,
      target: wanted,
      ...state,
      ...factorsOf(k),
      averageDecay: tensor([], [decay]),
    });
    losses.push(result.loss!.data[0]!);
    const next = (part: (typeof STATE_PARTS)[number]) => result[nextStateName(part, 'weight')]!;
    const [before, after] = [state[stateName('average', 'weight')]!, next('parameter')];
    const averaged = before.data.map((v, place) => decay * v + (1 - decay) * after.data[place]!);
    expectClose(next('average'), tensor([3, 2], averaged));
    state = Object.fromEntries(STATE_PARTS.map((part) => [stateName(part, 'weight'), next(part)]));
  }
  await compiled.release();
  expect(losses.at(-1)!).toBeLessThan(0.5 * losses[0]!);
});

test('without an average neither its state nor its decay is asked for', () => {
  const step = buildTrainingStep({ loss, trained: scope.declared(), frozen });
  expect([...step.model.inputs].sort()).toEqual(
    [
      'x',
      'target',
      'weight',
      'first:weight',
      'second:weight',
      'stepSize',
      'secondCorrection',
    ].sort(),
  );
  expect([...step.model.outputs].sort()).toEqual(
    ['loss', ...step.parts.map((part) => nextStateName(part, 'weight'))].sort(),
  );
});

test('the exposed gradients are those of the mean squared error', async () => {
  const step = buildTrainingStep({
    loss,
    trained: scope.declared(),
    frozen,
    exposeGradients: true,
  });
  const state = start(step.parts);
  const feeds = { x: image, target: wanted, ...state, ...factorsOf(1) };
  const { 'gradient:weight': slope } = await runModel(step.model.bytes, feeds);
  const at = (row: number, column: number) => state.weight!.data[row * 2 + column]!;
  const factor = [1, 0.5];
  const expected = Array.from({ length: 6 }, (_, place) => {
    const [row, column] = [Math.floor(place / 2), place % 2];
    let sum = 0;
    for (let n = 0; n < 4; n += 1) {
      let made = 0;
      for (let k = 0; k < 3; k += 1) made += image.data[n * 3 + k]! * at(k, column);
      const off = made * factor[column]! - wanted.data[n * 2 + column]!;
      sum += (2 / 8) * off * factor[column]! * image.data[n * 3 + row]!;
    }
    return sum;
  });
  expectClose(slope!, tensor([3, 2], expected));
});

test('frozen weights of another shape are refused', () => {
  const wrong = new Map([['scale', tensor([3])]]);
  const build = () => buildTrainingStep({ loss, trained: scope.declared(), frozen: wrong });
  expect(build).toThrow(ModelError);
  expect(lowerToOnnx({ outputs: { loss }, weights: frozen }).inputs).toContain('weight');
});

/** A loss of so many samples, weighted each, with a factor that they share. */
function network(samples: number) {
  const scope = new ParameterScope();
  const x = input('x', [samples, 3, 8, 6]);
  const factor = input('factor', []);
  const first = conv2d(x, scope.parameter('first', [4, 3, 3, 3]), undefined, { padding: 1 });
  const joined = concat([x, relu(first)], 1);
  const second = conv2d(joined, scope.parameter('second', [3, 7, 3, 3]), undefined, { padding: 1 });
  const weighted = mul(mul(abs(second), input('weight', [samples, 1, 1, 1])), factor);
  const penalty = reduceMean(
    mul(scope.parameter('second', [3, 7, 3, 3]), factor),
    [0, 1, 2, 3],
    false,
  );
  const loss = add(reduceMean(weighted, [0, 1, 2, 3], false), penalty);
  return { loss, trained: [...scope.declared().values()] };
}

const feeds: Record<string, Tensor> = {
  x: sample([6, 3, 8, 6], 1),
  weight: sample([6, 1, 1, 1], 2, { low: 0.5, high: 2 }),
  factor: sample([], 3, { low: 0.5, high: 2 }),
  first: sample([4, 3, 3, 3], 4),
  second: sample([3, 7, 3, 3], 5),
};

test.each([1, 2, 3, 6])(
  'parts of %i samples give the loss and the gradients of all',
  async (samples) => {
    const { loss, trained } = network(6);
    const outcome = (value: Value) => {
      const [first, second] = gradients(value, trained);
      return evaluate({ loss: value, ofFirst: first!, ofSecond: second! }, feeds);
    };
    const expected = await outcome(loss);
    const found = await outcome(meanOverParts(network(samples).loss, loss));
    for (const [name, value] of Object.entries(expected)) expectClose(found[name]!, value);
  },
);

test('results are no larger than those of a part', () => {
  const { loss } = network(6);
  const largest = (value: typeof loss) => graphMemory([value], new Map()).peak;
  expect(largest(meanOverParts(network(1).loss, loss))).toBeLessThan(largest(loss) / 3);
});

test.each([
  ['sizes', network(4).loss, network(6).loss],
  ['names', mul(input('other', []), input('factor', [])), network(6).loss],
  [
    'numbers of parts',
    reduceMean(add(input('x', [1]), input('y', [1])), [0], false),
    reduceMean(add(input('x', [4]), concat([input('y', [2]), input('y', [2])], 0)), [0], false),
  ],
])('inputs that differ in %s are refused', (_what, part, whole) => {
  expect(() => meanOverParts(part, whole)).toThrow(ParameterError);
});
