import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { cost } from '../cost.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import type { Value } from '../value.js';
import { convTranspose2d } from './conv-transpose2d.js';
import type { ConvolutionOptions, Margins } from './convolution.js';

interface Case extends ConvolutionOptions {
  readonly image: readonly [number, number, number, number];
  /** Channels of the result in each group, rows, columns. */
  readonly kernel: readonly [number, number, number];
  readonly size: readonly [number, number];
  readonly bias?: boolean;
}

const cases: Record<string, Case> = {
  'stride 1': { image: [2, 2, 3, 4], kernel: [3, 3, 3], padding: 1, size: [3, 4], bias: true },
  'doubling 2x2': { image: [1, 3, 3, 2], kernel: [2, 2, 2], stride: 2, size: [6, 4], bias: true },
  '1x1': { image: [2, 3, 2, 2], kernel: [2, 1, 1], size: [2, 2] },
  '5x5': { image: [1, 2, 3, 3], kernel: [2, 5, 5], padding: 2, stride: 2, size: [5, 6] },
  'output padding': { image: [1, 2, 3, 3], kernel: [3, 3, 3], padding: 1, stride: 2, size: [6, 6] },
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
  'fewer inputs than results': { image: [1, 2, 3, 3], kernel: [4, 3, 3], padding: 1, size: [3, 3] },
};

function tensorsOf({ image, kernel, groups = 1, bias }: Case): Tensor[] {
  const weight = sample([image[1], ...kernel], 2);
  return [sample(image, 1), weight, ...(bias ? [sample([kernel[0] * groups], 3)] : [])];
}

/** Every input pixel adds its multiple of the kernel to the result. */
function reference([x, w, b]: Tensor[], options: Case): Tensor {
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

function build(options: Case): (...values: Value[]) => Value {
  return (x, w, b) => convTranspose2d(x!, w!, b, options);
}

test.each(Object.entries(cases))('%s: the defining sum', async (_name, options) => {
  const tensors = tensorsOf(options);
  expectClose(await evaluateOn(build(options), tensors), reference(tensors, options));
});

test.each(Object.entries(cases))('%s: gradients', async (_name, options) => {
  await checkGradients(build(options), tensorsOf(options));
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
      convTranspose2d(input('x', [3, 2, 2]), input('w', [3, 2, 3, 3]), undefined, { size: [4, 4] }),
  ],
])('refuses a wrong %s', (_what, make) => {
  expect(make).toThrow(ParameterError);
});
