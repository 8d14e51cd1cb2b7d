import { describe, expect, test } from 'vitest';
import { tensor, typedTensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { gradients } from '../training/differentiate.js';
import { mul } from './elementwise.js';
import {
  concat,
  expand,
  flip,
  type Padding,
  type PadMode,
  pad,
  pixelShuffle,
  pixelUnshuffle,
  reshape,
  roll,
  slice,
  transpose,
} from './layout.js';

import { reduceSum } from './reductions.js';

const x = sample([2, 3, 4], 1);

describe('reshape', () => {
  test.each([[[6]], [[3, 2]], [[1, 2, 1, 3]]])(
    'keeps the order of elements in %s',
    async (shape) => {
      const x = sample([2, 3], 1);
      expectClose(await evaluateOn((v) => reshape(v!, shape), [x]), tensor(shape, x.data));
      await checkGradients((v) => reshape(v!, shape), [x]);
    },
  );

  test('makes a scalar of one element', async () => {
    const x = tensor([1, 1], [3]);
    expectClose(await evaluateOn((v) => reshape(v!, []), [x]), tensor([], [3]));
  });

  test('refuses another number of elements', () => {
    expect(() => reshape(input('x', [2, 3]), [4])).toThrow(ParameterError);
    expect(() => reshape(input('x', [2, 3]), [-1, 3])).toThrow(ParameterError);
    expect(() => reshape(input('x', [2, 3]), [-2, -3])).toThrow(ParameterError);
  });
});

describe('transpose', () => {
  const transposeInput = sample([2, 3, 4], 1);

  test.each([[[0, 1, 2]], [[2, 0, 1]], [[1, 2, 0]], [[0, 2, 1]]])('axes %s', async (order) => {
    const expected = filled(
      order.map((axis) => transposeInput.shape[axis]!),
      (...index) => {
        const from = [0, 0, 0];
        for (const [place, axis] of order.entries()) from[axis] = index[place]!;
        return at(transposeInput, ...from);
      },
    );
    expectClose(await evaluateOn((v) => transpose(v!, order), [transposeInput]), expected);
    await checkGradients((v) => transpose(v!, order), [transposeInput]);
  });

  test.each([[[0, 1]], [[0, 1, 1]], [[0, 1, 3]]])('refuses the order %s', (order) => {
    expect(() => transpose(input('x', [2, 3, 4]), order)).toThrow(ParameterError);
  });
});

describe('expand', () => {
  test.each([
    [[3], [2, 3]],
    [
      [2, 1],
      [2, 4],
    ],
    [[], [2, 2]],
    [
      [1, 2, 1],
      [3, 2, 2],
    ],
  ])('[%s] to [%s]', async (from, to) => {
    const x = sample(from, 1);
    const expected = filled(to, (...index) =>
      at(
        x,
        ...from.map((extent, axis) => (extent === 1 ? 0 : index[axis + to.length - from.length]!)),
      ),
    );
    expectClose(await evaluateOn((v) => expand(v!, to), [x]), expected);
    await checkGradients((v) => expand(v!, to), [x]);
  });

  test('the same shape returns the value as it is', () => {
    const x = input('x', [2, 3]);
    expect(expand(x, [2, 3])).toBe(x);
  });

  test('refuses shapes that x does not broadcast to', () => {
    expect(() => expand(input('x', [2, 3]), [2, 4])).toThrow(ParameterError);
    expect(() => expand(input('x', [2, 3]), [2, 1])).toThrow(ParameterError);
    expect(() => expand(input('x', [2, 3]), [3])).toThrow(ParameterError);
    expect(() => expand(input('x', [1]), [0])).toThrow(ParameterError);
  });
});

describe('flip', () => {
  test.each([0, 1, -1])('reverses axis %d', async (axis) => {
    const x = sample([2, 3, 4], 1);
    const place = (axis + 3) % 3;
    const expected = filled(x.shape, (...index) =>
      at(x, ...index.map((step, own) => (own === place ? x.shape[own]! - 1 - step : step))),
    );
    expectClose(await evaluateOn((v) => flip(v!, axis), [x]), expected);
    await checkGradients((v) => flip(v!, axis), [x]);
  });

  test('refuses an axis that does not exist', () => {
    expect(() => flip(input('x', [2]), 1)).toThrow(ParameterError);
  });
});

describe('concat', () => {
  test('puts values one after another', async () => {
    const parts = [sample([2, 1, 2], 1), sample([2, 3, 2], 2), sample([2, 2, 2], 3)];
    const expected = filled([2, 6, 2], (a, b, c) => {
      const [first, second, third] = parts;
      if (b! < 1) return at(first!, a!, b!, c!);
      return b! < 4 ? at(second!, a!, b! - 1, c!) : at(third!, a!, b! - 4, c!);
    });
    expectClose(await evaluateOn((...values) => concat(values, -2), parts), expected);
    await checkGradients((...values) => concat(values, -2), parts);
  });

  test('a value used twice gets both gradients', async () => {
    await checkGradients(
      (x, y) => concat([x!, mul(x!, y!), x!], 0),
      [sample([2, 2], 1), sample([2, 2], 2)],
    );
  });

  test('one value is returned as it is', () => {
    const x = input('x', [2]);
    expect(concat([x], 0)).toBe(x);
  });

  test('refuses nothing, other extents, ranks and types, and missing axes', () => {
    const x = input('x', [2, 3]);
    expect(() => concat([], 0)).toThrow(ParameterError);
    expect(() => concat([x, input('y', [3, 3])], 1)).toThrow(ParameterError);
    expect(() => concat([x, input('y', [2, 3, 1])], 1)).toThrow(ParameterError);
    expect(() => concat([x, input('y', [2, 3], 'int64')], 1)).toThrow(ParameterError);
    expect(() => concat([x, x], 2)).toThrow(ParameterError);
  });
});

describe('slice', () => {
  const sliceInput = sample([3, 7, 2], 1);

  test.each([
    [0, 3, 1],
    [2, 5, 1],
    [6, 7, 1],
    [0, 7, 2],
    [1, 7, 2],
    [1, 6, 2],
    [0, 6, 3],
    [0, 7, 3],
    [2, 4, 5],
    [0, 7, 9],
    [5, 7, 4],
  ])('from %d to %d by %d', async (start, end, step) => {
    const expected = filled([3, Math.ceil((end - start) / step), 2], (a, b, c) =>
      at(sliceInput, a!, start + b! * step, c!),
    );
    expectClose(await evaluateOn((v) => slice(v!, 1, start, end, step), [sliceInput]), expected);
    await checkGradients((v) => slice(v!, 1, start, end, step), [sliceInput]);
  });

  test('counts axes from the end too', () => {
    expect(slice(input('x', [3, 7, 2]), -1, 1, 2).shape).toEqual([3, 7, 1]);
  });

  test('overlapping slices add their gradients, and these can be differentiated again', async () => {
    await checkGradients(
      (v) => {
        const product = mul(slice(v!, 1, 0, 7, 2), slice(v!, 1, 1, 5));
        return gradients(reduceSum(mul(product, product), [0, 1, 2]), [v!])[0]!;
      },
      [sample([1, 7, 2], 2)],
    );
  });

  test.each([
    [0, 0, 0],
    [-1, 2, 1],
    [0, 8, 1],
    [3, 2, 1],
    [0, 3, 0],
    [0, 3, -1],
    [0.5, 3, 1],
    [0, 2.5, 1],
  ])('refuses %d to %d by %d', (start, end, step) => {
    expect(() => slice(input('x', [3, 7, 2]), 1, start, end, step)).toThrow(ParameterError);
  });

  test('refuses an axis that does not exist', () => {
    expect(() => slice(input('x', [3]), 1, 0, 1)).toThrow(ParameterError);
  });
});

describe('pad', () => {
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
      const from = index.map((step, axis) =>
        source(step - padding[axis]![0], x.shape[axis]!, mode),
      );
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
});

describe('roll', () => {
  const rollInput = sample([2, 5, 2], 1);

  test.each([1, -1, 3, -7, 12])('by %d places', async (shift) => {
    const expected = filled(rollInput.shape, (a, b, c) =>
      at(rollInput, a!, (((b! - shift) % 5) + 5) % 5, c!),
    );
    expectClose(await evaluateOn((v) => roll(v!, 1, shift), [rollInput]), expected);
    await checkGradients((v) => roll(v!, 1, shift), [rollInput]);
  });

  test('a whole turn returns the value as it is', () => {
    const value = input('x', [2, 5]);
    expect(roll(value, -1, 10)).toBe(value);
  });

  test('refuses half places and missing axes', () => {
    expect(() => roll(input('x', [2]), 0, 0.5)).toThrow(ParameterError);
    expect(() => roll(input('x', [2]), 1, 1)).toThrow(ParameterError);
  });
});

describe('pixelShuffle', () => {
  test.each([2, 3])(
    'channel c r^2 + i r + j goes to row i and column j of each %dx block',
    async (r) => {
      const x = sample([2, 2 * r * r, 2, 3], 1);
      const expected = filled([2, 2, 2 * r, 3 * r], (n, c, y, z) =>
        at(x, n!, c! * r * r + (y! % r) * r + (z! % r), Math.floor(y! / r), Math.floor(z! / r)),
      );
      expectClose(await evaluateOn((v) => pixelShuffle(v!, r), [x]), expected);
      expectClose(await evaluateOn((v) => pixelUnshuffle(v!, r), [expected]), x);
    },
  );

  test('gradients', async () => {
    await checkGradients((v) => pixelShuffle(v!, 2), [sample([1, 8, 2, 1], 1)]);
    await checkGradients((v) => pixelUnshuffle(v!, 2), [sample([1, 2, 2, 4], 1)]);
  });

  test('refuses channels or sizes that do not divide, other ranks and factors', () => {
    expect(() => pixelShuffle(input('x', [1, 6, 2, 2]), 2)).toThrow(ParameterError);
    expect(() => pixelShuffle(input('x', [4, 2, 2]), 2)).toThrow(ParameterError);
    expect(() => pixelShuffle(input('x', [1, 4, 2, 2]), 0)).toThrow(ParameterError);
    expect(() => pixelUnshuffle(input('x', [1, 1, 3, 4]), 2)).toThrow(ParameterError);
    expect(() => pixelUnshuffle(input('x', [1, 1, 4, 3]), 2)).toThrow(ParameterError);
    expect(() => pixelUnshuffle(input('x', [1, 1, 4, 4]), 0.5)).toThrow(ParameterError);
  });
});
