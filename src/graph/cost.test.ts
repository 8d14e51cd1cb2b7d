import { expect, test } from 'vitest';
import { cost } from './cost.js';
import { input, parameter } from './leaves.js';
import { add, conv2d, mul, relu } from './operators/index.js';

const x = input('x', [1, 2, 5, 5]);
const weight = parameter('w', [2, 2, 3, 3]);
const bias = parameter('b', [2]);

test('a shared parameter counts once, its work each time', () => {
  const once = conv2d(x, weight, bias, { padding: 1 });
  const twice = conv2d(relu(once), weight, bias, { padding: 1 });
  expect(cost([once])).toEqual({ parameters: 38, macs: 25 * 36 });
  expect(cost([twice])).toEqual({ parameters: 38, macs: 2 * 25 * 36 });
});

test('a value that several outputs share is computed once', () => {
  const y = conv2d(x, weight, undefined, { padding: 1 });
  expect(cost([add(y, y), y]).macs).toBe(25 * 36);
});

test('inputs, constants and elementwise work cost nothing', () => {
  expect(cost([mul(x, x)])).toEqual({ parameters: 0, macs: 0 });
});
