import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { gather } from './gather.js';

const x = sample([2, 4, 3], 1);

test.each([[[2]], [[3, 0, 1]], [[1, 1, 3, 1, 0]]])(
  'elements %s, repeated ones too',
  async (indices) => {
    const expected = filled([2, indices.length, 3], (a, b, c) => at(x, a!, indices[b!]!, c!));
    expectClose(await evaluateOn((v) => gather(v!, 1, indices), [x]), expected);
    await checkGradients((v) => gather(v!, 1, indices), [x]);
  },
);

test('gathers more indices than are stored inline, along the last axis', async () => {
  const indices = Array.from({ length: 40 }, (_, place) => (place * 7) % 3);
  const expected = filled([2, 4, 40], (a, b, c) => at(x, a!, b!, indices[c!]!));
  expectClose(await evaluateOn((v) => gather(v!, -1, indices), [x]), expected);
  await checkGradients((v) => gather(v!, -1, indices), [x]);
});

test.each([[[4]], [[-1]], [[0.5]], [[]]])('refuses the indices %s', (indices) => {
  expect(() => gather(input('x', [2, 4]), 1, indices)).toThrow(ParameterError);
});
