import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';

import { scatterAdd } from './scatter-add.js';

const x = sample([2, 4, 3], 1);

test.each([[[4, 0, 2, 1]], [[1, 1, 3, 1]]])(
  'adds to places %s, repeated ones too',
  async (indices) => {
    const expected = filled([2, 5, 3], (a, b, c) =>
      indices.reduce((sum, place, from) => sum + (place === b ? at(x, a!, from, c!) : 0), 0),
    );
    expectClose(await evaluateOn((v) => scatterAdd(v!, 1, indices, 5), [x]), expected);
    await checkGradients((v) => scatterAdd(v!, 1, indices, 5), [x]);
  },
);

test.each<[string, number[], number]>([
  ['too few indices', [0, 1, 2], 5],
  ['indices beyond the extent', [0, 1, 2, 5], 5],
  ['negative indices', [0, 1, 2, -1], 5],
  ['an extent that is no integer', [0, 0, 0, 0], 1.5],
])('refuses %s', (_what, indices, extent) => {
  expect(() => scatterAdd(input('x', [2, 4]), 1, indices, extent)).toThrow(ParameterError);
});
