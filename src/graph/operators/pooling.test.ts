import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, distinct, expectClose, filled } from '../testing/tensors.js';
import { gradients } from '../training/differentiate.js';
import { maxPool2d } from './pooling.js';
import { reduceSum } from './reductions.js';

const cases = [
  { kernel: 2, size: [4, 6] },
  { kernel: 2, size: [5, 5] },
  { kernel: 3, stride: 2, padding: 1, size: [5, 6] },
  { kernel: 3, stride: 1, padding: 1, size: [4, 3] },
  { kernel: 2, stride: 3, size: [5, 6] },
  { kernel: 1, stride: 2, size: [3, 4] },
] as const;

test.each(cases)('$kernel, stride $stride, padding $padding, on $size', async (options) => {
  const { kernel, size } = options;
  const { stride, padding } = { stride: kernel, padding: 0, ...options };
  const x = distinct([2, 2, ...size], 1);
  const extents = size.map((extent) => Math.floor((extent + 2 * padding - kernel) / stride) + 1);
  const expected = filled([2, 2, ...extents], (n, c, y, z) => {
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < kernel; i += 1)
      for (let j = 0; j < kernel; j += 1) {
        const [row, column] = [y! * stride + i - padding, z! * stride + j - padding];
        if (row >= 0 && column >= 0 && row < size[0] && column < size[1])
          most = Math.max(most, at(x, n!, c!, row, column));
      }
    return most;
  });
  const given = { kernel, stride, padding };
  expectClose(await evaluateOn((v) => maxPool2d(v!, given), [x]), expected);
  await checkGradients((v) => maxPool2d(v!, given), [x]);
});

test('the stride defaults to the kernel', () => {
  expect(maxPool2d(input('x', [1, 2, 9, 6]), { kernel: 3 }).shape).toEqual([1, 2, 3, 2]);
});

test('equal maxima of a window share its gradient evenly', async () => {
  const x = tensor([1, 1, 2, 4], [1, 1, 5, 2, 1, 1, 5, 3]);
  const slope = await evaluateOn(
    (v) => gradients(reduceSum(maxPool2d(v!, { kernel: 2 }), [0, 1, 2, 3]), [v!])[0]!,
    [x],
  );
  expectClose(slope, tensor([1, 1, 2, 4], [0.25, 0.25, 0.5, 0, 0.25, 0.25, 0.5, 0]));
});

test('the padding takes no share, not even of windows whose largest element is 0', async () => {
  const slope = await evaluateOn(
    (v) =>
      gradients(reduceSum(maxPool2d(v!, { kernel: 3, stride: 1, padding: 1 }), [0, 1, 2, 3]), [
        v!,
      ])[0]!,
    [tensor([1, 1, 2, 2])],
  );
  expectClose(slope, tensor([1, 1, 2, 2], [1, 1, 1, 1]));
});

test('refuses images smaller than the window, padding as wide as it, ranks and integers', () => {
  expect(() => maxPool2d(input('x', [1, 1, 2, 2]), { kernel: 3 })).toThrow(ParameterError);
  expect(() => maxPool2d(input('x', [1, 1, 4, 4]), { kernel: 2, padding: 2 })).toThrow(
    ParameterError,
  );
  expect(() => maxPool2d(input('x', [1, 1, 4, 4]), { kernel: 0 })).toThrow(ParameterError);
  expect(() => maxPool2d(input('x', [1, 4, 4]), { kernel: 2 })).toThrow(ParameterError);
  expect(() => maxPool2d(input('x', [1, 1, 4, 4], 'uint8'), { kernel: 2 })).toThrow(ParameterError);
});
