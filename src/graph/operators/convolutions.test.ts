import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { cost } from '../cost.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { gradients } from '../training/differentiate.js';
import type { Value } from '../value.js';
import { type ConvolutionOptions, conv2d, convTranspose2d, type Margins } from './convolutions.js';
import { mul } from './elementwise.js';
import { reduceSum } from './reductions.js';

interface Case extends ConvolutionOptions {
  readonly image: readonly [number, number, number, number];
  readonly kernel: readonly [number, number, number];
  readonly bias?: boolean;
}

interface TransposedCase extends ConvolutionOptions {
  readonly image: readonly [number, number, number, number];
  /** Channels of the result in each group, rows, columns. */
  readonly kernel: readonly [number, number, number];
  readonly size: readonly [number, number];
  readonly bias?: boolean;
}

function build(options: TransposedCase): (...values: Value[]) => Value {
  return (x, w, b) => convTranspose2d(x!, w!, b, options);
}

describe('conv2d', () => {
  const cases: Record<string, Case> = {
    'plain 3x3': { image: [2, 2, 5, 4], kernel: [2, 3, 3], padding: 1, bias: true },
    '1x1': { image: [2, 3, 3, 4], kernel: [4, 1, 1], bias: true },
    '1x1 with padding': { image: [1, 2, 3, 3], kernel: [3, 1, 1], padding: 1 },
    '5x5': { image: [1, 2, 6, 5], kernel: [3, 5, 5], padding: 2 },
    'tall kernel without padding': { image: [1, 2, 6, 4], kernel: [2, 3, 1] },
    'asymmetric padding': { image: [1, 2, 4, 5], kernel: [3, 3, 3], padding: [0, 2, 1, 1] },
    'padding beyond the kernel': { image: [1, 3, 3, 3], kernel: [2, 2, 2], padding: [2, 1, 3, 2] },
    'stride 2': { image: [2, 2, 6, 5], kernel: [3, 3, 3], stride: 2, padding: 1, bias: true },
    'stride 3, rows left over': { image: [1, 2, 9, 8], kernel: [2, 2, 2], stride: 3 },
    'dilation 2': { image: [1, 2, 6, 7], kernel: [2, 3, 3], dilation: 2, padding: 2 },
    'dilation and stride': {
      image: [1, 2, 8, 7],
      kernel: [3, 3, 2],
      dilation: 2,
      stride: 2,
      padding: [1, 2, 2, 0],
    },
    'two groups': { image: [2, 4, 4, 4], kernel: [6, 3, 3], groups: 2, padding: 1, bias: true },
    depthwise: { image: [2, 4, 4, 5], kernel: [4, 3, 3], groups: 4, padding: 1 },
    'groups with stride and dilation': {
      image: [1, 4, 8, 8],
      kernel: [2, 3, 3],
      groups: 2,
      stride: 2,
      dilation: 2,
      padding: 2,
    },
    'fewer filters than channels': {
      image: [2, 5, 4, 5],
      kernel: [2, 3, 3],
      padding: [1, 0, 2, 1],
      bias: true,
    },
    'fewer filters, dilated': { image: [1, 4, 5, 6], kernel: [3, 3, 2], dilation: 2, padding: 1 },
    'fewer filters in groups': { image: [2, 6, 4, 3], kernel: [2, 3, 3], groups: 2, padding: 1 },
    'six channels to four filters': {
      image: [2, 6, 4, 5],
      kernel: [4, 3, 3],
      padding: 1,
      bias: true,
    },
    'nine channels to eight filters': { image: [1, 9, 5, 4], kernel: [8, 2, 2], stride: 2 },
    'wide both ways': { image: [1, 10, 3, 3], kernel: [11, 2, 2], padding: [1, 0, 0, 1] },
    'wide, fewer filters': { image: [1, 11, 3, 3], kernel: [10, 2, 2], padding: [1, 0, 0, 1] },
  };

  function tensorsOf({ image, kernel, groups = 1, bias }: Case): Tensor[] {
    const weight = sample([kernel[0], image[1] / groups, kernel[1], kernel[2]], 2);
    return [sample(image, 1), weight, ...(bias ? [sample([kernel[0]], 3)] : [])];
  }

  /** The sum that defines a cross-correlation. */
  function reference([x, w, b]: Tensor[], options: Case): Tensor {
    const { stride = 1, dilation = 1, groups = 1, padding = 0 } = options;
    const [top, left, bottom, right]: Margins =
      typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
    const [, channels, height, width] = options.image;
    const [filters, rows, columns] = options.kernel;
    const extent = (size: number, taps: number) =>
      Math.floor((size - dilation * (taps - 1) - 1) / stride) + 1;
    const size = [extent(height + top + bottom, rows), extent(width + left + right, columns)];
    const depth = channels / groups;
    return filled([options.image[0], filters, ...size], (n, f, y, z) => {
      let sum = b?.data[f!] ?? 0;
      const first = Math.floor(f! / (filters / groups)) * depth;
      for (let c = 0; c < depth; c += 1)
        for (let i = 0; i < rows; i += 1)
          for (let j = 0; j < columns; j += 1)
            sum +=
              at(w!, f!, c, i, j) *
              at(
                x!,
                n!,
                first + c,
                y! * stride + i * dilation - top,
                z! * stride + j * dilation - left,
              );
      return sum;
    });
  }

  function convolve(options: Case): (...values: Value[]) => Value {
    return (x, w, b) => conv2d(x!, w!, b, options);
  }

  test.each(Object.entries(cases))('%s: the defining sum', async (_name, options) => {
    const tensors = tensorsOf(options);
    expectClose(await evaluateOn(convolve(options), tensors), reference(tensors, options));
  });

  test.each(Object.entries(cases))('%s: gradients', async (_name, options) => {
    await checkGradients(convolve(options), tensorsOf(options));
  });

  test.each(['plain 3x3', 'asymmetric padding', 'stride 2', 'dilation and stride', 'two groups'])(
    "%s: the kernels' gradient can be differentiated again",
    async (name) => {
      const { bias: _, ...options } = cases[name]!;
      await checkGradients(
        (x, w) => {
          const y = conv2d(x!, w!, undefined, options);
          return gradients(reduceSum(mul(y, mul(y, y)), [0, 1, 2, 3]), [w!])[0]!;
        },
        // Small kernels: the cube of their sums must not curve too much for differences.
        tensorsOf(options).map(({ shape }, seed) =>
          sample(shape, seed + 1, { low: -0.5, high: 0.5 }),
        ),
      );
    },
  );

  test('one multiply-add per result, kernel tap and channel of the group', () => {
    const y = conv2d(input('x', [2, 6, 8, 8]), input('w', [4, 3, 3, 3]), undefined, {
      groups: 2,
      stride: 2,
      padding: 1,
    });
    expect(cost([y]).macs).toBe(2 * 4 * 4 * 4 * 27);
  });

  test.each<[string, () => unknown]>([
    ['rank', () => conv2d(input('x', [3, 4, 4]), input('w', [2, 3, 3, 3]), undefined)],
    ['channels', () => conv2d(input('x', [1, 3, 4, 4]), input('w', [2, 4, 3, 3]), undefined)],
    [
      'groups',
      () => conv2d(input('x', [1, 4, 4, 4]), input('w', [3, 2, 3, 3]), undefined, { groups: 2 }),
    ],
    ['size', () => conv2d(input('x', [1, 3, 2, 2]), input('w', [2, 3, 3, 3]), undefined)],
    ['bias', () => conv2d(input('x', [1, 3, 4, 4]), input('w', [2, 3, 3, 3]), input('b', [3]))],
    ['type', () => conv2d(input('x', [1, 3, 4, 4], 'int64'), input('w', [2, 3, 3, 3]), undefined)],
    [
      'stride',
      () => conv2d(input('x', [1, 3, 4, 4]), input('w', [2, 3, 3, 3]), undefined, { stride: 0 }),
    ],
    [
      'padding',
      () => conv2d(input('x', [1, 3, 4, 4]), input('w', [2, 3, 3, 3]), undefined, { padding: -1 }),
    ],
    [
      'half padding',
      () => conv2d(input('x', [1, 3, 4, 4]), input('w', [2, 3, 3, 3]), undefined, { padding: 0.5 }),
    ],
    [
      'dilation',
      () =>
        conv2d(input('x', [1, 3, 4, 4]), input('w', [2, 3, 3, 3]), undefined, { dilation: 1.5 }),
    ],
  ])('refuses a wrong %s', (_what, build) => {
    expect(build).toThrow(ParameterError);
  });
});

describe('convTranspose2d', () => {
  const transposedCases: Record<string, TransposedCase> = {
    'stride 1': { image: [2, 2, 3, 4], kernel: [3, 3, 3], padding: 1, size: [3, 4], bias: true },
    'doubling 2x2': { image: [1, 3, 3, 2], kernel: [2, 2, 2], stride: 2, size: [6, 4], bias: true },
    '1x1': { image: [2, 3, 2, 2], kernel: [2, 1, 1], size: [2, 2] },
    '5x5': { image: [1, 2, 3, 3], kernel: [2, 5, 5], padding: 2, stride: 2, size: [5, 6] },
    'output padding': {
      image: [1, 2, 3, 3],
      kernel: [3, 3, 3],
      padding: 1,
      stride: 2,
      size: [6, 6],
    },
    'uneven output padding': { image: [1, 2, 2, 3], kernel: [2, 2, 3], stride: 3, size: [6, 9] },
    'asymmetric padding': {
      image: [1, 2, 4, 3],
      kernel: [2, 3, 3],
      padding: [0, 1, 2, 0],
      size: [4, 4],
    },
    'two groups': {
      image: [2, 4, 3, 3],
      kernel: [3, 3, 3],
      groups: 2,
      padding: 1,
      size: [3, 3],
      bias: true,
    },
    'groups, stride and output padding': {
      image: [1, 4, 2, 3],
      kernel: [1, 3, 3],
      groups: 2,
      stride: 2,
      padding: 1,
      size: [4, 5],
    },
    depthwise: { image: [1, 3, 3, 3], kernel: [1, 3, 3], groups: 3, padding: 1, size: [3, 3] },
    dilated: {
      image: [1, 2, 3, 3],
      kernel: [2, 3, 2],
      dilation: 2,
      padding: [1, 0, 1, 1],
      size: [5, 4],
    },
    'fewer inputs than results': {
      image: [1, 2, 3, 3],
      kernel: [4, 3, 3],
      padding: 1,
      size: [3, 3],
    },
  };

  function transposedTensors({ image, kernel, groups = 1, bias }: TransposedCase): Tensor[] {
    const weight = sample([image[1], ...kernel], 2);
    return [sample(image, 1), weight, ...(bias ? [sample([kernel[0] * groups], 3)] : [])];
  }

  /** Every input pixel adds its multiple of the kernel to the result. */
  function transposedReference([x, w, b]: Tensor[], options: TransposedCase): Tensor {
    const { image, kernel, size, stride = 1, dilation = 1, groups = 1, padding = 0 } = options;
    const [top, left]: Margins =
      typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
    const [, channels, height, width] = image;
    const [depth, rows, columns] = kernel;
    return filled([image[0], depth * groups, ...size], (n, c, y, z) => {
      let sum = b?.data[c!] ?? 0;
      const perGroup = channels / groups;
      const first = Math.floor(c! / depth) * perGroup;
      for (let f = first; f < first + perGroup; f += 1)
        for (let p = 0; p < height; p += 1)
          for (let q = 0; q < width; q += 1) {
            const i = y! + top - p * stride;
            const j = z! + left - q * stride;
            if (i % dilation !== 0 || j % dilation !== 0) continue;
            if (i < 0 || j < 0 || i >= rows * dilation || j >= columns * dilation) continue;
            sum += at(x!, n!, f, p, q) * at(w!, f, c! % depth, i / dilation, j / dilation);
          }
      return sum;
    });
  }

  test.each(Object.entries(transposedCases))('%s: the defining sum', async (_name, options) => {
    const tensors = transposedTensors(options);
    expectClose(await evaluateOn(build(options), tensors), transposedReference(tensors, options));
  });

  test.each(Object.entries(transposedCases))('%s: gradients', async (_name, options) => {
    await checkGradients(build(options), transposedTensors(options));
  });

  test('multiply-adds are counted by the input', () => {
    const y = convTranspose2d(input('x', [2, 4, 3, 3]), input('w', [4, 5, 2, 2]), undefined, {
      stride: 2,
      size: [6, 6],
    });
    expect(cost([y]).macs).toBe(2 * 4 * 3 * 3 * 5 * 2 * 2);
  });

  test.each<[string, () => unknown]>([
    [
      'channels',
      () =>
        convTranspose2d(input('x', [1, 3, 2, 2]), input('w', [4, 2, 3, 3]), undefined, {
          size: [4, 4],
        }),
    ],
    [
      'size',
      () =>
        convTranspose2d(input('x', [1, 3, 2, 2]), input('w', [3, 2, 3, 3]), undefined, {
          size: [9, 4],
        }),
    ],
    [
      'bias',
      () =>
        convTranspose2d(input('x', [1, 4, 2, 2]), input('w', [4, 2, 3, 3]), input('b', [2]), {
          groups: 2,
          size: [4, 4],
        }),
    ],
    [
      'groups',
      () =>
        convTranspose2d(input('x', [1, 3, 2, 2]), input('w', [3, 2, 3, 3]), undefined, {
          groups: 2,
          size: [4, 4],
        }),
    ],
    [
      'rank',
      () =>
        convTranspose2d(input('x', [3, 2, 2]), input('w', [3, 2, 3, 3]), undefined, {
          size: [4, 4],
        }),
    ],
  ])('refuses a wrong %s', (_what, make) => {
    expect(make).toThrow(ParameterError);
  });
});
