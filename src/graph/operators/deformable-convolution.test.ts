import { expect, test } from 'vitest';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { cost } from '../cost.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { readBilinearly } from '../testing/reference-functions.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { type ConvolutionOptions, conv2d } from './convolutions.js';
import { deformConv2d } from './deformable-convolution.js';

interface Case extends ConvolutionOptions {
  readonly kernel: readonly [number, number];
  readonly offsetGroups: number;
  readonly batch: number;
}

const cases: readonly Case[] = [
  { kernel: [3, 3], padding: 1, offsetGroups: 1, batch: 1 },
  { kernel: [3, 3], padding: 1, offsetGroups: 2, batch: 2 },
  { kernel: [1, 1], offsetGroups: 4, batch: 1 },
  { kernel: [2, 3], padding: [1, 0, 0, 2], stride: 2, offsetGroups: 2, batch: 2 },
  { kernel: [3, 3], padding: 2, dilation: 2, groups: 2, offsetGroups: 2, batch: 1 },
];

const CHANNELS = 4;
const FILTERS = 6;

function tensorsOf({ kernel, offsetGroups, batch, ...options }: Case) {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const margins = typeof padding === 'number' ? new Array<number>(4).fill(padding) : padding;
  const size = [5, 6].map(
    (extent, axis) =>
      Math.floor(
        (extent + margins[axis]! + margins[axis + 2]! - dilation * (kernel[axis]! - 1) - 1) /
          stride,
      ) + 1,
  ) as [number, number];
  const taps = offsetGroups * kernel[0] * kernel[1];
  return {
    x: sample([batch, CHANNELS, 5, 6], 1),
    weight: sample([FILTERS, CHANNELS / groups, ...kernel], 2),
    bias: sample([FILTERS], 3),
    offset: sample([batch, 2 * taps, ...size], 4, { low: -3, high: 3 }),
    mask: sample([batch, taps, ...size], 5, { low: 0 }),
    top: margins[0]!,
    left: margins[1]!,
    size,
    options: { stride, padding, dilation, groups, offsetGroups },
  };
}

/** The defining sum, place by place. */
function byDefinition(each: Case): Tensor {
  const { x, weight, bias, offset, mask, size, top, left, options } = tensorsOf(each);
  const [rows, columns] = each.kernel;
  const depth = CHANNELS / options.groups;
  return filled([each.batch, FILTERS, ...size], (n, f, row, column) => {
    let sum = bias.data[f!]!;
    for (let d = 0; d < depth; d += 1)
      for (let i = 0; i < rows; i += 1)
        for (let j = 0; j < columns; j += 1) {
          const c = Math.floor(f! / (FILTERS / options.groups)) * depth + d;
          const group = Math.floor(c / (CHANNELS / options.offsetGroups));
          const tap = (group * rows + i) * columns + j;
          const down = at(offset, n!, 2 * tap, row!, column!);
          const across = at(offset, n!, 2 * tap + 1, row!, column!);
          const y = row! * options.stride - top + i * options.dilation + down;
          const z = column! * options.stride - left + j * options.dilation + across;
          const read = readBilinearly(x, [n!, c], y, z, 'zeros');
          sum += at(weight, f!, d, i, j) * at(mask, n!, tap, row!, column!) * read;
        }
    return sum;
  });
}

test.each(cases)('reads where its offsets point: $kernel, $offsetGroups groups', async (each) => {
  const { x, weight, bias, offset, mask, options } = tensorsOf(each);
  const computed = await evaluateOn(
    (v, w, b, o, m) => deformConv2d(v!, w!, b, { offset: o!, mask: m! }, options),
    [x, weight, bias, offset, mask],
  );
  expectClose(computed, byDefinition(each), 3e-6);
});

test.each(cases)('gradients: $kernel, $offsetGroups offset groups', async (each) => {
  const { x, weight, bias, offset, mask, options } = tensorsOf(each);
  const cells = offset.data.map(Math.floor);
  const shares = sample([cells.length], 8, { low: 0.25, high: 0.75 }).data;
  const smooth = tensor(
    offset.shape,
    cells.map((cell, place) => cell + shares[place]!),
  );
  await checkGradients(
    (v, w, b, o, m) => deformConv2d(v!, w!, b, { offset: o!, mask: m! }, options),
    [x, weight, bias, smooth, mask],
  );
});

test('without offsets, and all taps counting, it is a convolution', async () => {
  const { x, weight, options, size } = tensorsOf(cases[1]!);
  const offset = tensor([2, 36, ...size]);
  const mask = filled([2, 18, ...size], () => 1);
  const moved = await evaluateOn(
    (v, w, o, m) => deformConv2d(v!, w!, undefined, { offset: o!, mask: m! }, options),
    [x, weight, offset, mask],
  );
  expectClose(
    moved,
    await evaluateOn((v, w) => conv2d(v!, w!, undefined, { padding: 1 }), [x, weight]),
  );
});

test('costs as many multiply-adds as a convolution', () => {
  const value = (shape: number[]) => input('x', shape);
  const deformation = { offset: value([1, 18, 5, 6]), mask: value([1, 9, 5, 6]) };
  const y = deformConv2d(value([1, 4, 5, 6]), value([8, 4, 3, 3]), undefined, deformation, {
    padding: 1,
  });
  expect(cost([y]).macs).toBe(5 * 6 * 8 * 4 * 9);
});

test.each([
  ['kernels of another depth', { weight: [8, 3, 3, 3] }],
  ['offsets of another size', { offset: [1, 18, 5, 5] }],
  ['offsets of another number of taps', { offset: [1, 9, 5, 6] }],
  ['as many factors as offsets', { mask: [1, 18, 5, 6] }],
  ['a bias of another length', { bias: [4] }],
  ['channels that the offset groups do not divide', { offsetGroups: 3 }],
  ['no offset groups', { offsetGroups: 0 }],
])('refuses %s', (_, change) => {
  const given = {
    weight: [8, 4, 3, 3],
    bias: [8],
    offset: [1, 18, 5, 6],
    mask: [1, 9, 5, 6],
    offsetGroups: 1,
    ...change,
  };
  const build = () =>
    deformConv2d(
      input('x', [1, 4, 5, 6]),
      input('weight', given.weight),
      input('bias', given.bias),
      { offset: input('offset', given.offset), mask: input('mask', given.mask) },
      { padding: 1, offsetGroups: given.offsetGroups },
    );
  expect(build).toThrow(ParameterError);
});
