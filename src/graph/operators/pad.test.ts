import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { typedTensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { type Padding, type PadMode, pad } from './pad.js';

const x = sample([2, 3, 4], 1);
const paddings: Padding[] = [
  [
    [0, 0],
    [0, 0],
    [1, 2],
  ],
  [
    [0, 0],
    [2, 0],
    [0, 3],
  ],
  [
    [1, 0],
    [2, 2],
    [3, 1],
  ],
  [
    [0, 1],
    [0, 1],
    [0, 0],
  ],
];
const modes: PadMode[] = ['constant', 'reflect', 'edge'];
const cases = modes.flatMap((mode) => paddings.map((padding) => ({ mode, padding })));

function source(place: number, extent: number, mode: PadMode): number {
  if (mode === 'edge') return Math.min(Math.max(place, 0), extent - 1);
  if (mode === 'constant') return place;
  const folded = Math.abs(place);
  return folded < extent ? folded : 2 * (extent - 1) - folded;
}

test.each(cases)('$mode $padding', async ({ mode, padding }) => {
  const shape = x.shape.map((extent, axis) => extent + padding[axis]![0] + padding[axis]![1]);
  const expected = filled(shape, (...index) => {
    const from = index.map((step, axis) => source(step - padding[axis]![0], x.shape[axis]!, mode));
    const outside = from.some((step, axis) => step < 0 || step >= x.shape[axis]!);
    return outside ? 0.75 : at(x, ...from);
  });
  const value = mode === 'constant' ? 0.75 : 0;
  expectClose(await evaluateOn((v) => pad(v!, padding, mode, value), [x]), expected);
  await checkGradients((v) => pad(v!, padding, mode, value), [x]);
});

test('pads integers with zeros', async () => {
  const whole = typedTensor('int64', [2], BigInt64Array.of(3n, 4n));
  const result = await evaluateOn((v) => pad(v!, [[1, 1]]), [whole]);
  expect([...result.data]).toEqual([0n, 3n, 4n, 0n]);
});

test('nothing to add returns the value as it is', () => {
  const value = input('x', [2, 3]);
  expect(
    pad(
      value,
      [
        [0, 0],
        [0, 0],
      ],
      'reflect',
    ),
  ).toBe(value);
});

test.each<[string, Padding, PadMode]>([
  ['pairs for other axes', [[1, 1]], 'constant'],
  [
    'negative counts',
    [
      [0, 0],
      [-1, 0],
    ],
    'constant',
  ],
  [
    'broken counts',
    [
      [0, 0],
      [0.5, 0],
    ],
    'constant',
  ],
  [
    'reflections of more than there is',
    [
      [0, 0],
      [3, 0],
    ],
    'reflect',
  ],
])('refuses %s', (_what, padding, mode) => {
  expect(() => pad(input('x', [2, 3]), padding, mode)).toThrow(ParameterError);
});

test('refuses to pad integers with a number other than 0', () => {
  expect(() => pad(input('x', [2], 'int64'), [[1, 1]], 'constant', 1)).toThrow(ParameterError);
});
