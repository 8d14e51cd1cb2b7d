import { expect, test } from 'vitest';
import { linearToSrgb, srgbToLinear } from '../../degradation/camera/transfer-curves.js';
import { input, ParameterScope } from '../../graph/index.js';
import { checkGradients } from '../../graph/testing/check-gradients.js';
import { evaluateOn } from '../../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import { tensor } from '../../tensor/tensor.js';
import { initialWeights } from '../../training/initial-weights.js';
import { type Network, parseConfiguration } from '../network.js';
import { roleOf } from '../roles.js';
import { madeUpOutput, parametersOf } from '../testing/networks.js';
import {
  cutWindows,
  deconvolutionUnet,
  joinWindows,
  layOutWindows,
  toDisplay,
  toLinear,
} from './deconvolution-unet.js';

const small = { unshuffle: 2, widths: [4, 6], blocks: 1, kernel: 9, window: 64 };

test('it restores images', () => {
  const config = parseConfiguration(deconvolutionUnet, small);
  expect(roleOf(deconvolutionUnet as Network, config)).toBe('restorer');
});

test('before training the image comes back as it is', async () => {
  const config = parseConfiguration(deconvolutionUnet, small);
  const scope = new ParameterScope();
  deconvolutionUnet.build(config, scope, [input('x', [1, 3, 64, 64])]);
  const weights = initialWeights(scope.declared(), 1);
  const image = sample([1, 3, 64, 80], 2, { low: 0 });
  const output = await madeUpOutput(
    deconvolutionUnet,
    small,
    [image],
    (name) => weights.get(name)!,
  );
  expect([...output.data]).toEqual([...image.data]);
});

test.each([
  [1, 1],
  [90, 66],
])('images of %i x %i keep their size', async (height, width) => {
  const image = sample([1, 3, height, width], 3, { low: 0 });
  const output = await madeUpOutput(deconvolutionUnet, small, [image]);
  expect(output.shape).toEqual([1, 3, height, width]);
  expect(output.data.every(Number.isFinite)).toBe(true);
});

test('what the kernels make of the image matters', async () => {
  const image = sample([1, 3, 64, 64], 4, { low: 0 });
  const without = (name: string, shape: readonly number[]) => {
    const values = sample(shape, name.length, { low: -0.1, high: 0.1 });
    return name === 'extra.weight' ? tensor(shape) : values;
  };
  const whole = (name: string, shape: readonly number[]) =>
    sample(shape, name.length, { low: -0.1, high: 0.1 });
  const [a, b] = [
    await madeUpOutput(deconvolutionUnet, small, [image], without),
    await madeUpOutput(deconvolutionUnet, small, [image], whole),
  ];
  expect(a.data.some((value, index) => Math.abs(value - b.data[index]!) > 1e-3)).toBe(true);
});

test('shapes tell all but the sizes of kernels and windows', () => {
  const json = { unshuffle: 2, widths: [4, 6, 8], blocks: 1, middle: 2, attention: true };
  const { shapes } = parametersOf(deconvolutionUnet, json);
  expect(deconvolutionUnet.configure!(shapes)).toEqual(json);
});

test.each([
  [{ kernel: 10 }, 'kernel'],
  [{ kernel: 51, window: 64 }, 'window'],
  [{ regularisations: [] }, 'regularisations'],
])('%o is refused', (json, entry) => {
  expect(() => parseConfiguration(deconvolutionUnet, json)).toThrow(entry);
});

const sizes = [
  [16, 16],
  [5, 40],
  [17, 16],
  [29, 61],
  [100, 64],
] as const;

test.each(sizes)('windows of 16 cover %i x %i pixels and overlap by a quarter', (height, width) => {
  const layout = layOutWindows(height, width, 16);
  for (const [begins, window, extent] of [
    [layout.tops, layout.height, height],
    [layout.lefts, layout.width, width],
  ] as const) {
    expect(window).toBe(Math.min(extent, 16));
    expect(begins[0]).toBe(0);
    expect(begins.at(-1)! + window).toBe(extent);
    for (const [place, begin] of begins.entries())
      if (place > 0) expect(begins[place - 1]! + window - begin).toBeGreaterThanOrEqual(window / 4);
  }
});

test.each(sizes)('joined windows of %i x %i pixels are the image', async (height, width) => {
  const x = sample([2, 3, height, width], 1);
  const layout = layOutWindows(height, width, 16);
  const found = await evaluateOn(
    (v) => joinWindows(cutWindows(v!, layout), layout, height, width),
    [x],
  );
  expectClose(found, x, 1e-6);
});

test('windows follow each other row by row, each with the whole batch', async () => {
  const x = sample([2, 1, 20, 24], 2);
  const layout = layOutWindows(20, 24, 16);
  const cut = await evaluateOn((v) => cutWindows(v!, layout), [x]);
  const places = layout.tops.flatMap((top) => layout.lefts.map((left) => [top, left] as const));
  expect(places.length).toBe(4);
  const expected = filled([8, 1, 16, 16], (n, c, row, column) => {
    const [top, left] = places[Math.floor(n! / 2)]!;
    return at(x, n! % 2, c!, top + row!, left + column!);
  });
  expectClose(cut, expected, 0);
});

test('where windows overlap one fades into the other', async () => {
  const layout = layOutWindows(4, 28, 16);
  const ones = filled([2, 1, 4, 16], (n) => n!);
  const { data } = await evaluateOn((v) => joinWindows(v!, layout, 4, 28), [ones]);
  const row = [...data.slice(0, 28)];
  expect(row.slice(0, 12).every((value) => value === 0)).toBe(true);
  expect(row.slice(16).every((value) => value === 1)).toBe(true);
  for (let place = 12; place < 17; place++) expect(row[place]!).toBeGreaterThan(row[place - 1]!);
});

const steps = Array.from({ length: 1025 }, (_, at) => at / 1024);
const values = tensor([steps.length], steps);

test('display values become light by the curve of sRGB', async () => {
  expectClose(
    await evaluateOn((v) => toLinear(v!), [values]),
    tensor([steps.length], steps.map(srgbToLinear)),
    2e-6,
  );
});

test('light becomes display values by the inverse of that curve', async () => {
  expectClose(
    await evaluateOn((v) => toDisplay(v!), [values]),
    tensor([steps.length], steps.map(linearToSrgb)),
    2e-6,
  );
});

test('light beyond [0, 1] is black or white', async () => {
  const far = await evaluateOn((v) => toDisplay(v!), [tensor([4], [-3, -1e-3, 1.001, 20])]);
  for (const [place, expected] of [0, 0, 1, 1].entries())
    expect(far.data[place]).toBeCloseTo(expected, 6);
});

test('both have gradients, which are finite at black', async () => {
  const inside = sample([9], 1, { low: 0.25, high: 0.75 });
  await checkGradients((v) => toLinear(v!), [inside]);
  await checkGradients((v) => toDisplay(v!), [inside]);
});
