import { describe, expect, test } from 'vitest';
import { typedTensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { constant, input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { gather, gatherElements, scatterAdd, scatterElements } from './indexing.js';

const x = sample([2, 4, 3], 1);

/** Places along axis 1, one per element of [2, 5, 3], repeated ones too. */
const place = (a: number, b: number, c: number): number => (3 * a + b * b + c) % 4;

const indices = typedTensor(
  'int64',
  [2, 5, 3],
  BigInt64Array.from(filled([2, 5, 3], (a, b, c) => place(a!, b!, c!)).data, (value) =>
    BigInt(value),
  ),
);

describe('gather', () => {
  const gatherInput = sample([2, 4, 3], 1);

  test.each([[[2]], [[3, 0, 1]], [[1, 1, 3, 1, 0]]])(
    'elements %s, repeated ones too',
    async (indices) => {
      const expected = filled([2, indices.length, 3], (a, b, c) =>
        at(gatherInput, a!, indices[b!]!, c!),
      );
      expectClose(await evaluateOn((v) => gather(v!, 1, indices), [gatherInput]), expected);
      await checkGradients((v) => gather(v!, 1, indices), [gatherInput]);
    },
  );

  test('gathers more indices than are stored inline, along the last axis', async () => {
    const indices = Array.from({ length: 40 }, (_, place) => (place * 7) % 3);
    const expected = filled([2, 4, 40], (a, b, c) => at(gatherInput, a!, b!, indices[c!]!));
    expectClose(await evaluateOn((v) => gather(v!, -1, indices), [gatherInput]), expected);
    await checkGradients((v) => gather(v!, -1, indices), [gatherInput]);
  });

  test.each([[[4]], [[-1]], [[0.5]], [[]]])('refuses the indices %s', (indices) => {
    expect(() => gather(input('x', [2, 4]), 1, indices)).toThrow(ParameterError);
  });
});

describe('gatherElements', () => {
  test.each([1, -2])('every element from its own place along axis %d', async (axis) => {
    const expected = filled([2, 5, 3], (a, b, c) => at(x, a!, place(a!, b!, c!), c!));
    expectClose(await evaluateOn((v, i) => gatherElements(v!, axis, i!), [x, indices]), expected);
    await checkGradients((v) => gatherElements(v!, axis, constant(indices)), [x]);
  });

  test('refuses indices of another type or shape, and axes that do not exist', () => {
    const value = input('x', [2, 4, 3]);
    const places = (shape: number[]) => input('indices', shape, 'int64');
    expect(() => gatherElements(value, 1, input('indices', [2, 5, 3]))).toThrow(ParameterError);
    expect(() => gatherElements(value, 1, places([2, 5, 4]))).toThrow(ParameterError);
    expect(() => gatherElements(value, 1, places([2, 5]))).toThrow(ParameterError);
    expect(() => gatherElements(value, 3, places([2, 5, 3]))).toThrow(ParameterError);
  });
});

describe('scatterElements', () => {
  const scatterInput = sample([2, 5, 3], 1);

  test.each([1, -2])('every element is added at its own place along axis %d', async (axis) => {
    const expected = filled([2, 4, 3], (a, to, c) => {
      const from = [0, 1, 2, 3, 4].filter((b) => place(a!, b, c!) === to);
      return from.reduce((sum, b) => sum + at(scatterInput, a!, b, c!), 0);
    });
    const build = (v: typeof scatterInput) =>
      evaluateOn((value, i) => scatterElements(value!, axis, i!, 4), [v, indices]);
    expectClose(await build(scatterInput), expected);
    await checkGradients((v) => scatterElements(v!, axis, constant(indices), 4), [scatterInput]);
  });

  test('refuses indices of another type or shape, and extents that are no size', () => {
    const value = input('x', [2, 5, 3]);
    const places = (shape: number[]) => input('indices', shape, 'int64');
    expect(() => scatterElements(value, 1, input('indices', [2, 5, 3]), 4)).toThrow(ParameterError);
    expect(() => scatterElements(value, 1, places([2, 4, 3]), 4)).toThrow(ParameterError);
    expect(() => scatterElements(value, 1, places([2, 5, 3]), 0)).toThrow(ParameterError);
    expect(() => scatterElements(input('x', [2], 'int64'), 0, places([2]), 4)).toThrow(
      ParameterError,
    );
  });
});

describe('scatterAdd', () => {
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
});
