import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { fillNormal } from '../../tensor/random.js';
import { sizeOf, type Tensor, tensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { graphMemory } from '../lowering/peak-memory.js';
import { add, concat, conv2d, mul, reduceMean, relu } from '../operators/index.js';
import { ParameterScope } from '../parameter-scope.js';
import { evaluate, runModel } from '../testing/evaluate.js';
import type { Value } from '../value.js';
import { gradients } from './differentiate.js';
import { rematerialisedGradients } from './rematerialise.js';
import { buildTrainingStep } from './training-step.js';

function random(shape: readonly number[], stream: number): Tensor {
  const data = new Float32Array(sizeOf(shape));
  fillNormal(data, 5, stream);
  return tensor(
    shape,
    data.map((value) => 0.3 * value),
  );
}

/** Residual blocks; the last ones share their kernels, and the first result is read at the end. */
function network(blocks: number) {
  const scope = new ParameterScope();
  const kernel = (name: string, depth = 4) =>
    scope.parameter(name, [4, depth, 3, 3], { kind: 'zeros' });
  const x = input('x', [2, 4, 12, 12]);
  const first = conv2d(x, kernel('first'), undefined, { padding: 1 });
  let y: Value = first;
  for (let block = 0; block < blocks; block += 1) {
    const name = `block${Math.min(block, blocks - 2)}`;
    y = add(y, relu(conv2d(y, kernel(name), undefined, { padding: 1 })));
  }
  y = conv2d(concat([y, first], 1), kernel('last', 8), undefined, { padding: 1 });
  const loss = reduceMean(mul(y, y), [0, 1, 2, 3], false);
  return { loss, x, parameters: [...scope.declared().values()] };
}

test.each([2, 3, 5])('%i segments give the very loss and gradients', async (segments) => {
  const { loss, x, parameters } = network(6);
  const feeds: Record<string, Tensor> = { x: random(x.shape, 0) };
  parameters.forEach(({ attributes, shape }, index) => {
    feeds[attributes.name] = random(shape, index + 1);
  });
  const plain = { loss, slopes: gradients(loss, parameters) };
  const again = rematerialisedGradients(loss, parameters, segments);
  const named = (total: Value, slopes: readonly Value[]) => ({
    loss: total,
    ...Object.fromEntries(slopes.map((slope, index) => [`gradient${index}`, slope])),
  });
  const expected = await evaluate(named(plain.loss, plain.slopes), feeds);
  const found = await evaluate(named(again.loss, again.gradients), feeds);
  expect(Object.keys(found)).toHaveLength(parameters.length + 1);
  for (const [name, { data }] of Object.entries(expected))
    data.forEach((value, index) => {
      expect(found[name]!.data[index]).toBeCloseTo(value as number, 5);
    });
});

test('a deep network needs far less memory', () => {
  const { loss, parameters } = network(40);
  const plain = graphMemory([loss, ...gradients(loss, parameters)]).peak;
  const { loss: again, gradients: slopes } = rematerialisedGradients(loss, parameters, 6);
  expect(graphMemory([again, ...slopes]).peak).toBeLessThan(plain / 2);
});

test('one segment is the plain gradient, and none is refused', () => {
  const { loss, parameters } = network(3);
  expect(rematerialisedGradients(loss, parameters, 1).loss).toBe(loss);
  expect(() => rematerialisedGradients(loss, parameters, 0)).toThrow(ParameterError);
});

test('a training step in segments takes the same step with less memory', async () => {
  const { loss, parameters } = network(24);
  const trained = new Map(parameters.map((value) => [value.attributes.name, value]));
  const [plain, lean] = [1, 5].map((segments) => buildTrainingStep({ loss, trained, segments }));
  expect(lean!.memory.peak).toBeLessThan(0.6 * plain!.memory.peak);
  const feeds: Record<string, Tensor> = {
    x: random([2, 4, 12, 12], 0),
    stepSize: tensor([], [0.01]),
    secondCorrection: tensor([], [1]),
  };
  parameters.forEach(({ attributes: { name }, shape }, index) => {
    feeds[name] = random(shape, index + 1);
    feeds[`first:${name}`] = feeds[`second:${name}`] = tensor(shape);
  });
  const [expected, found] = await Promise.all(
    [plain!, lean!].map(({ model }) => runModel(model.bytes, feeds)),
  );
  for (const [name, { data }] of Object.entries(expected!)) {
    const largest = Math.max(...data.map(Math.abs));
    const worst = Math.max(
      ...data.map((value, index) => Math.abs(found![name]!.data[index]! - value)),
    );
    expect(worst).toBeLessThan(1e-5 * largest);
  }
});
