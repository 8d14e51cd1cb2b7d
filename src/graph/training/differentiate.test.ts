import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { constant, input, parameter, scalar } from '../leaves.js';
import { abs, add, exp, mul, neg, reduceSum, reshape } from '../operators/index.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluate } from '../testing/evaluate.js';
import { expectClose, sample } from '../testing/tensors.js';
import { apply, type Operator, type Value } from '../value.js';
import { gradients } from './differentiate.js';

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
