import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { constant, input, parameter } from '../leaves.js';
import { add, concat, matmul, mul, reshape, slice, transpose } from '../operators/index.js';
import { executionOrder, graphMemory } from './peak-memory.js';

const unit = 4 * 100;

test('a chain holds two results at once, and one where an operator works in place', () => {
  const x = input('x', [10, 10]);
  let turned = transpose(x, [1, 0]);
  for (let i = 0; i < 5; i += 1) turned = transpose(turned, [1, 0]);
  expect(graphMemory([turned])).toMatchObject({ inputs: unit, outputs: unit, peak: 2 * unit });
  let grown = add(x, x);
  for (let i = 0; i < 5; i += 1) grown = add(grown, x);
  expect(graphMemory([grown])).toMatchObject({ inputs: unit, peak: unit });
});

test('what is read late is held until then', () => {
  const x = input('x', [10, 10]);
  const early = transpose(x, [1, 0]);
  let late = transpose(mul(early, x), [1, 0]);
  for (let i = 0; i < 3; i += 1) late = transpose(late, [1, 0]);
  expect(graphMemory([late]).peak).toBe(2 * unit);
  expect(graphMemory([add(late, early)]).peak).toBe(3 * unit);
});

test('outputs are held to the end, and a value that is two of them once', () => {
  const x = input('x', [10, 10]);
  const outputs = [transpose(x, [1, 0]), matmul(x, x), concat([x, x], 0)];
  expect(graphMemory(outputs)).toMatchObject({ outputs: 4 * unit, peak: 4 * unit });
  expect(graphMemory([outputs[0]!, outputs[0]!])).toMatchObject({ outputs: unit, peak: unit });
});

test('reshaping takes no memory, but holds that of what it reshapes', () => {
  const x = input('x', [10, 10]);
  const flat = reshape(transpose(x, [1, 0]), [100]);
  expect(graphMemory([flat])).toMatchObject({ outputs: unit, peak: unit });
  const part = slice(reshape(flat, [20, 5]), 0, 0, 1);
  expect(graphMemory([part]).peak).toBe(unit + 4 * 5);
});

test('what is given counts as input or as constant, and not as a result', () => {
  const [x, weight, known] = [
    input('x', [10, 10]),
    parameter('weight', [10, 10]),
    parameter('known', [10, 10]),
  ];
  const sum = add(add(matmul(x, weight), known), constant(tensor([10, 10])));
  expect(graphMemory([sum], new Set(['known']))).toEqual({
    values: 7,
    inputs: 2 * unit,
    constants: 2 * unit,
    outputs: unit,
    peak: unit,
  });
});

test('the last result that nothing reads is computed first', () => {
  const x = input('x', [10, 10]);
  const [first, second] = [transpose(x, [1, 0]), matmul(x, x)];
  const order = executionOrder([first, second]);
  expect(order.indexOf(second)).toBeLessThan(order.indexOf(first));
  expect(order).toHaveLength(3);
  for (const node of order)
    for (const value of node.inputs) expect(order.indexOf(value)).toBeLessThan(order.indexOf(node));
});
