import { expect, test } from 'vitest';
import { fillNormal } from '../../tensor/random.js';
import { sizeOf, type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { constant, input, ParameterScope, parameter, scalar } from '../leaves.js';
import { graphMemory } from '../lowering/peak-memory.js';
import {
  abs,
  add,
  concat,
  conv2d,
  exp,
  mul,
  neg,
  reduceMean,
  reduceSum,
  relu,
  reshape,
} from '../operators/index.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluate, runModel } from '../testing/evaluate.js';
import { expectClose, sample } from '../testing/tensors.js';
import { apply, type Operator, type Value } from '../value.js';
import { gradients, rematerialisedGradients } from './differentiate.js';
import { buildTrainingStep } from './training-step.js';

const x = input('x', [3]);
const point = tensor([3], [1, 2, 3]);
const sum = (value: Value): Value => reduceSum(value, [0], false);

async function slopes(loss: Value, variables: Value[]) {
  const named = gradients(loss, variables).map((value, place) => [`d${place}`, value] as const);
  return evaluate(Object.fromEntries(named), { x: point });
}

test('a value used several times gets the sum of its gradients', async () => {
  const loss = sum(add(mul(x, x), add(mul(x, scalar(5)), x)));
  const { d0 } = await slopes(loss, [x]);
  expectClose(d0!, tensor([3], [8, 10, 12]));
});

test('a variable that the loss does not depend on gets zeros of its shape', async () => {
  const [unused] = gradients(sum(x), [parameter('unused', [2, 2])]);
  expect(unused!.shape).toEqual([2, 2]);
  const { y } = await evaluate({ y: unused! });
  expectClose(y!, tensor([2, 2]));
});

test('intermediate values, constants and the loss itself can be variables', async () => {
  const square = mul(x, x);
  const factor = constant(tensor([3], [2, 3, 4]));
  const loss = sum(mul(square, factor));
  const { d0, d1, d2 } = await slopes(loss, [square, factor, loss]);
  expectClose(d0!, tensor([3], [2, 3, 4]));
  expectClose(d1!, tensor([3], [1, 4, 9]));
  expectClose(d2!, tensor([], [1]));
});

test('a loss of one element may have any rank', async () => {
  const { d0 } = await slopes(reshape(sum(x), [1, 1]), [x]);
  expectClose(d0!, tensor([3], [1, 1, 1]));
});

test('a loss of several elements is refused', () => {
  expect(() => gradients(x, [x])).toThrow(ParameterError);
});

const opaque: Operator<null> = {
  name: 'opaque',
  infer: ([value]) => ({ shape: value!.shape, dataType: 'float32' }),
  lower: (emitter, inputs) => emitter.node('Identity', inputs),
};

test('an operator without gradient is named, but only where it lies on the way', () => {
  expect(() => gradients(sum(apply(opaque, [x], null)), [x])).toThrow(/opaque/);
  const other = input('other', [3]);
  const [slope] = gradients(sum(add(apply(opaque, [other], null), x)), [x]);
  expect(slope!.shape).toEqual([3]);
});

test('derivatives of derivatives', async () => {
  const [first] = gradients(sum(exp(mul(x, x))), [x]);
  const [second] = gradients(sum(first!), [x]);
  const { y } = await evaluate({ y: second! }, { x: tensor([3], [0, 0.5, 1]) });
  const expected = [0, 0.5, 1].map((v) => (2 + 4 * v * v) * Math.exp(v * v));
  expectClose(y!, tensor([3], expected));
});

test('a chain of 5,000 operators is differentiated', () => {
  let value: Value = x;
  for (let depth = 0; depth < 5000; depth += 1) value = neg(value);
  expect(gradients(sum(value), [x])[0]!.shape).toEqual([3]);
});

const doubled: Operator<null> = {
  ...opaque,
  name: 'doubled',
  gradient: (_node, upstream) => [mul(upstream, scalar(2))],
};

test('the check by differences fails for a wrong gradient and a flawed case', async () => {
  const wrong = checkGradients((v) => apply(doubled, [v!], null), [sample([3], 1)]);
  await expect(wrong).rejects.toThrow(/gradient .* differences/);
  const kink = checkGradients((v) => reduceSum(abs(v!), [0]), [tensor([2], [0.01, 1])]);
  await expect(kink).rejects.toThrow(/flawed case/);
});

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
