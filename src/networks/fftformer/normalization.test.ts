import { ParameterScope, input } from '../../graph/index.js';
import { evaluate } from '../../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import { normalization } from './normalization.js';
import { expect, test } from 'vitest';

test.each([true, false])('normalises over channels, centred: %s', async (centred) => {
  const x = sample([2, 5, 3, 4], 1);
  const weight = sample([5], 2);
  const bias = sample([5], 3);
  const expected = filled(x.shape, (n, c, row, column) => {
    const pixel = [0, 1, 2, 3, 4].map((channel) => at(x, n!, channel, row!, column!));
    const mean = pixel.reduce((sum, value) => sum + value, 0) / 5;
    const variance = pixel.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 5;
    const deviation = Math.sqrt(variance + 1e-5);
    const scale = at(weight, c!) / deviation;
    return centred ? (pixel[c!]! - mean) * scale + at(bias, c!) : pixel[c!]! * scale;
  });
  const scope = new ParameterScope();
  const y = normalization(scope.child('norm'), input('x', x.shape), centred);
  const weights = new Map([
    ['norm.body.weight', weight],
    ['norm.body.bias', bias],
  ]);
  const names = centred ? ['norm.body.weight', 'norm.body.bias'] : ['norm.body.weight'];
  expect([...scope.declared().keys()]).toEqual(names);
  expectClose((await evaluate({ y }, { x }, weights)).y!, expected, 2e-6);
});
