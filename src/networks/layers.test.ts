import { expect, test } from 'vitest';
import { evaluateOn } from '../graph/testing/evaluate.js';
import { readBilinearly } from '../graph/testing/reference-functions.js';
import { at, expectClose, filled, sample } from '../graph/testing/tensors.js';
import { crop, padToMultiple, padWithZeros, warp } from './layers.js';

test.each([
  [4, [0, 1, 2, 3]],
  [3, [0, 1, 2, 1]],
  [2, [0, 1, 0, 1]],
  [1, [0, 0, 0, 0]],
  [5, [0, 1, 2, 3, 4, 3, 2, 1]],
])('%i rows and columns to a multiple of four are those at %j', async (extent, places) => {
  for (const other of [1, 3, 4]) {
    const tall = sample([1, 2, extent, other], 3);
    const padded = await evaluateOn((x) => padToMultiple(x!, 4), [tall]);
    expect(padded.shape).toEqual([1, 2, places.length, 4]);
    const column = filled([1, 2, places.length, 1], (n, c, row) =>
      at(tall, n!, c!, places[row!]!, 0),
    );
    expectClose(await evaluateOn((x) => crop(x!, places.length, 1), [padded]), column, 0);
    const wide = filled([1, 2, other, extent], (n, c, row, col) => at(tall, n!, c!, col!, row!));
    const turned = await evaluateOn((x) => padToMultiple(x!, 4), [wide]);
    const flipped = filled(turned.shape, (n, c, row, col) => at(padded, n!, c!, col!, row!));
    expectClose(turned, flipped, 0);
  }
});

test.each([1, 4, 6])(
  '%i rows and columns are filled up with zeros to a multiple of four',
  async (extent) => {
    const image = sample([2, 1, extent, 3], 4);
    const padded = await evaluateOn((x) => padWithZeros(x!, 4), [image]);
    const rows = 4 * Math.ceil(extent / 4);
    expectClose(
      padded,
      filled([2, 1, rows, 4], (...place) =>
        place[2]! < extent && place[3]! < 3 ? at(image, ...place) : 0,
      ),
      0,
    );
  },
);

test('what needs no padding is left as it is', () => {
  const x = { shape: [1, 1, 8, 4] } as unknown as Parameters<typeof padToMultiple>[0];
  expect(padToMultiple(x, 4)).toBe(x);
  expect(padWithZeros(x, 4)).toBe(x);
  expect(crop(x, 8, 4)).toBe(x);
});

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

test('a whole number of pixels shifts the image', async () => {
  const flow = filled([2, 2, 5, 7], (_, part) => (part === 0 ? 2 : -1));
  const shifted = await evaluateOn((v, f) => warp(v!, f!, 'zeros'), [x, flow]);
  const expected = filled([2, 3, 5, 7], (n, c, row, column) =>
    at(x, n!, c!, row! - 1, column! + 2),
  );
  expectClose(shifted, expected, 3e-6);
});

test('an image of one row or column has its only pixel everywhere within the border', async () => {
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
