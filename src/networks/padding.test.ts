import { evaluateOn } from '../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../graph/testing/tensors.js';
import { crop, padToMultiple, padWithZeros } from './padding.js';
import { expect, test } from 'vitest';

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
    const picture = sample([2, 1, extent, 3], 4);
    const padded = await evaluateOn((x) => padWithZeros(x!, 4), [picture]);
    const rows = 4 * Math.ceil(extent / 4);
    expectClose(
      padded,
      filled([2, 1, rows, 4], (...place) =>
        place[2]! < extent && place[3]! < 3 ? at(picture, ...place) : 0,
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
