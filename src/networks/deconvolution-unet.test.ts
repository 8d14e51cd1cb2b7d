import { ParameterScope, input } from '../graph/index.js';
import { sample } from '../graph/testing/tensors.js';
import { tensor } from '../tensor/tensor.js';
import { initialWeights } from '../training/initial-weights.js';
import { parseConfiguration } from './configuration.js';
import { deconvolutionUnet } from './deconvolution-unet.js';
import { rolesOf, signatureOf } from './roles.js';
import { madeUpOutput, parametersOf } from './testing/made-up.js';
import { expect, test } from 'vitest';

const small = { unshuffle: 2, widths: [4, 6], blocks: 1, kernel: 9, window: 64 };

test('it restores pictures', () => {
  const config = parseConfiguration(deconvolutionUnet, small);
  expect(rolesOf(signatureOf(deconvolutionUnet, config))).toEqual(['restorer']);
});

test('before training the picture comes back as it is', async () => {
  const config = parseConfiguration(deconvolutionUnet, small);
  const scope = new ParameterScope();
  deconvolutionUnet.build(config, scope, [input('x', [1, 3, 64, 64])]);
  const weights = initialWeights(scope.declared(), 1);
  const picture = sample([1, 3, 64, 80], 2, { low: 0 });
  const output = await madeUpOutput(
    deconvolutionUnet,
    small,
    [picture],
    (name) => weights.get(name)!,
  );
  expect([...output.data]).toEqual([...picture.data]);
});

test.each([
  [1, 1],
  [90, 66],
])('pictures of %i x %i keep their size', async (height, width) => {
  const picture = sample([1, 3, height, width], 3, { low: 0 });
  const output = await madeUpOutput(deconvolutionUnet, small, [picture]);
  expect(output.shape).toEqual([1, 3, height, width]);
  expect(output.data.every(Number.isFinite)).toBe(true);
});

test('what the kernels make of the picture matters', async () => {
  const picture = sample([1, 3, 64, 64], 4, { low: 0 });
  const without = (name: string, shape: readonly number[]) => {
    const values = sample(shape, name.length, { low: -0.1, high: 0.1 });
    return name === 'extra.weight' ? tensor(shape) : values;
  };
  const whole = (name: string, shape: readonly number[]) =>
    sample(shape, name.length, { low: -0.1, high: 0.1 });
  const [a, b] = [
    await madeUpOutput(deconvolutionUnet, small, [picture], without),
    await madeUpOutput(deconvolutionUnet, small, [picture], whole),
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
