import { expect, test } from 'vitest';
import { ModelError } from '../../tensor/errors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { lowerToOnnx } from '../lowering/lower.js';
import { matmul, mul, reduceMean, sub } from '../operators/index.js';
import { ParameterScope } from '../parameter-scope.js';
import { compileModel, runModel } from '../testing/evaluate.js';
import { expectClose, sample } from '../testing/tensors.js';
import { adamFactors } from './adam.js';
import { buildTrainingStep, nextStateName, STATE_PARTS, stateName } from './training-step.js';

const scope = new ParameterScope();
const frozenScope = new ParameterScope();
const weight = scope.parameter('weight', [3, 2]);
const scale = frozenScope.parameter('scale', [2]);
const x = input('x', [4, 3]);
const target = input('target', [4, 2]);
const error = sub(mul(matmul(x, weight), scale), target);
const loss = reduceMean(mul(error, error), [0, 1], false);
const frozen = new Map([['scale', tensor([2], [1, 0.5])]]);
const picture = sample([4, 3], 1);
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
      x: picture,
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
  const feeds = { x: picture, target: wanted, ...state, ...factorsOf(1) };
  const { 'gradient:weight': slope } = await runModel(step.model.bytes, feeds);
  const at = (row: number, column: number) => state.weight!.data[row * 2 + column]!;
  const factor = [1, 0.5];
  const expected = Array.from({ length: 6 }, (_, place) => {
    const [row, column] = [Math.floor(place / 2), place % 2];
    let sum = 0;
    for (let n = 0; n < 4; n += 1) {
      let made = 0;
      for (let k = 0; k < 3; k += 1) made += picture.data[n * 3 + k]! * at(k, column);
      const off = made * factor[column]! - wanted.data[n * 2 + column]!;
      sum += (2 / 8) * off * factor[column]! * picture.data[n * 3 + row]!;
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
