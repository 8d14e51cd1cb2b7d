import { expect, test } from 'vitest';
import { input } from '../../leaves.js';
import { abs, add, pad, slice } from '../../operators/index.js';
import { evaluate } from '../../testing/evaluate.js';
import { sample } from '../../testing/tensors.js';
import { topologicalOrder, type Value } from '../../value.js';
import { joinShifts } from './join-shifts.js';

const x = input('x', [2, 3, 5, 4]);
const feeds = { x: sample([2, 3, 5, 4], 1) };
const around = pad(x, [
  [0, 0],
  [0, 0],
  [2, 1],
  [1, 3],
]);

const operatorsOf = (value: Value): string[] =>
  topologicalOrder([value])
    .map(({ operator }) => operator.name)
    .filter((name) => name !== 'input');

/** Checks that the values are the same, and what is left to do. */
async function expectJoined(y: Value, operators: readonly string[]): Promise<void> {
  const joined = joinShifts({ y });
  expect(operatorsOf(joined.y)).toEqual(operators);
  expect(await evaluate(joined, feeds)).toEqual(await evaluate({ y }, feeds));
}

test.each([
  [0, 5, 0, 4],
  [3, 8, 4, 8],
  [2, 6, 0, 8],
  [0, 3, 1, 2],
  [4, 5, 3, 4],
])('rows %i to %i and columns %i to %i of a padded value are one window', async (...ends) => {
  const [top, bottom, left, right] = ends;
  await expectJoined(slice(slice(around, 2, top, bottom), 3, left, right), ['window']);
});

test('the part that is the value itself is not copied', async () => {
  await expectJoined(add(slice(slice(around, 3, 1, 5), 2, 2, 7), x), ['add']);
});

test('nothing comes back that was taken away, and what lies beyond the value stays zero', async () => {
  const less = slice(x, 3, 1, 4);
  const padding = [0, 0, 0, 2].map((before) => [before, 0] as const);
  await expectJoined(slice(pad(less, padding), 3, 1, 5), ['slice', 'window']);
  await expectJoined(slice(around, 2, 0, 2), ['pad', 'slice']);
});

test('other work stays as it is', async () => {
  await expectJoined(slice(x, 2, 1, 3), ['slice']);
  await expectJoined(slice(around, 2, 0, 8, 2), ['pad', 'slice']);
  const mirrored = pad(
    x,
    [0, 0, 1, 1].map((count) => [count, count] as const),
    'reflect',
  );
  await expectJoined(slice(mirrored, 2, 0, 5), ['pad', 'slice']);
  await expectJoined(add(around, slice(slice(abs(around), 2, 0, 8), 3, 0, 8)), [
    'pad',
    'abs',
    'slice',
    'slice',
    'add',
  ]);
});
