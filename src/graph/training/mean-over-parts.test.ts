import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { graphMemory } from '../lowering/peak-memory.js';
import { abs, add, concat, conv2d, mul, reduceMean, relu } from '../operators/index.js';
import { ParameterScope } from '../parameter-scope.js';
import { evaluate } from '../testing/evaluate.js';
import { expectClose, sample } from '../testing/tensors.js';
import type { Value } from '../value.js';
import { gradients } from './differentiate.js';
import { meanOverParts } from './mean-over-parts.js';

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
