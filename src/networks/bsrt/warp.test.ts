import { evaluateOn } from '../../graph/testing/evaluate.js';
import { readBilinearly } from '../../graph/testing/reference-functions.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import { warp } from './warp.js';
import { test } from 'vitest';

const x = sample([2, 3, 5, 7], 1);

test.each(['zeros', 'border'] as const)(
  'reads where the flow points, %s beyond',
  async (padding) => {
    const flow = sample([2, 2, 5, 7], 2, { low: -6, high: 6 });
    const expected = filled([2, 3, 5, 7], (n, c, row, column) => {
      const across = column! + at(flow, n!, 0, row!, column!);
      const down = row! + at(flow, n!, 1, row!, column!);
      return readBilinearly(x, [n!, c!], down, across, padding);
    });
    expectClose(await evaluateOn((v, f) => warp(v!, f!, padding), [x, flow]), expected, 3e-6);
  },
);

test('a whole number of pixels shifts the picture', async () => {
  const flow = filled([2, 2, 5, 7], (_, part) => (part === 0 ? 2 : -1));
  const shifted = await evaluateOn((v, f) => warp(v!, f!, 'zeros'), [x, flow]);
  const expected = filled([2, 3, 5, 7], (n, c, row, column) =>
    at(x, n!, c!, row! - 1, column! + 2),
  );
  expectClose(shifted, expected, 3e-6);
});

test('a picture of one row or column has its only pixel everywhere within the border', async () => {
  for (const size of [
    [1, 4],
    [4, 1],
    [1, 1],
  ]) {
    const thin = sample([1, 2, ...size], 3);
    const flow = filled([1, 2, ...size], () => 0);
    expectClose(await evaluateOn((v, f) => warp(v!, f!, 'border'), [thin, flow]), thin);
  }
});
