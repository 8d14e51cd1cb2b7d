import { expect, test } from 'vitest';
import { input, ParameterScope } from '../graph/index.js';
import { sample } from '../graph/testing/tensors.js';
import { tensor } from '../tensor/tensor.js';
import { initialWeights } from '../training/initial-weights.js';
import { type Network, parseConfiguration } from './network.js';
import { roleOf } from './roles.js';
import { madeUpOutput, parametersOf, reachOf } from './testing/networks.js';
import { unshuffledUnet } from './unshuffled-unet.js';

const small = { unshuffle: 2, widths: [4, 6], blocks: 1 };
const level = (sigma: number) => tensor([1, 1, 1, 1], [sigma]);

test('the default configuration has about a million parameters', () => {
  const { count } = parametersOf(unshuffledUnet, {});
  expect(count).toBeGreaterThan(0.9e6);
  expect(count).toBeLessThan(1.1e6);
});

test.each(['noise', 'preconditioned'])(
  'without noise the image comes back as it is: %s',
  async (prediction) => {
    const image = sample([1, 3, 8, 12], 1, { low: 0 });
    const config = { ...small, prediction };
    const output = await madeUpOutput(unshuffledUnet, config, [image, level(0)]);
    expect([...output.data]).toEqual([...image.data]);
  },
);

test('preconditioned layers see the centred image and give the rest at scale sigma sigma_d / sqrt(sigma^2 + sigma_d^2)', async () => {
  const config = { ...small, prediction: 'preconditioned' };
  const sigma = 0.7;
  const total = sigma ** 2 + 0.25 ** 2;
  const black = tensor([1, 3, 8, 8]);
  black.data.fill(0.45);
  const output = await madeUpOutput(unshuffledUnet, config, [black, level(sigma)]);
  const noise = await madeUpOutput(unshuffledUnet, small, [
    tensor([1, 3, 8, 8]),
    level(Math.log(sigma) / 4),
  ]);
  const factor = (sigma * 0.25) / Math.sqrt(total) / (-Math.log(sigma) / 4);
  for (const [index, value] of output.data.entries())
    expect(value - 0.45).toBeCloseTo(noise.data[index]! * factor, 5);
});

test('noise is taken off where there is some', async () => {
  const image = sample([1, 3, 8, 8], 2, { low: 0 });
  const output = await madeUpOutput(unshuffledUnet, small, [image, level(0.5)]);
  expect(output.data.some((value, index) => value !== image.data[index])).toBe(true);
});

test.each([
  [1, 1],
  [3, 10],
  [13, 5],
])('images of %i x %i keep their size', async (height, width) => {
  const image = sample([1, 3, height, width], 3, { low: 0 });
  const output = await madeUpOutput(unshuffledUnet, small, [image, level(0.1)]);
  expect(output.shape).toEqual([1, 3, height, width]);
  expect(output.data.every(Number.isFinite)).toBe(true);
});

test.each([
  small,
  { unshuffle: 1, widths: [3], blocks: 2 },
  { unshuffle: 2, widths: [3, 3, 3], blocks: 1, prediction: 'preconditioned' },
])('no pixel beyond the receptive radius matters, and some near it do: %o', async (json) => {
  const radius = unshuffledUnet.receptiveRadius(parseConfiguration(unshuffledUnet, json))!;
  const side = 8 * Math.ceil((4 * radius) / 8);
  const image = sample([1, 3, side, side], 4, { low: 0 });
  const middle = side / 2;
  for (const offset of [0, 3]) {
    const changed = { input: 0, place: [middle + offset, middle - offset] as const };
    const reach = await reachOf(unshuffledUnet, json, [image, level(0.3)], changed);
    expect(reach).toBeLessThanOrEqual(radius);
    expect(reach).toBeGreaterThan(radius / 2);
  }
});

test('with attention far pixels matter, and the radius says that there is none', async () => {
  const json = { ...small, attention: true, prediction: 'residual' };
  expect(unshuffledUnet.receptiveRadius(parseConfiguration(unshuffledUnet, json))).toBeUndefined();
  const local = unshuffledUnet.receptiveRadius(parseConfiguration(unshuffledUnet, small))!;
  const image = sample([1, 3, 96, 96], 4, { low: 0 });
  const changed = { input: 0, place: [3, 3] as const };
  const reach = await reachOf(unshuffledUnet, json, [image], changed);
  expect(reach).toBeGreaterThan(local);
});

test('a restorer begins with the image as it is, with or without attention', async () => {
  const image = sample([1, 3, 16, 16], 6, { low: 0 });
  for (const attention of [false, true]) {
    const config = { ...small, attention, prediction: 'residual' };
    const scope = new ParameterScope();
    unshuffledUnet.build(parseConfiguration(unshuffledUnet, config), scope, [
      input('image', image.shape),
    ]);
    const weights = initialWeights(scope.declared(), 3);
    const output = await madeUpOutput(
      unshuffledUnet,
      config,
      [image],
      (name) => weights.get(name)!,
    );
    expect([...output.data]).toEqual([...image.data]);
  }
});

test.each([
  { ...small, middle: 3 },
  { ...small, attention: true, prediction: 'residual' },
])('the configuration is found from the shapes of the weights: %o', (json) => {
  const { shapes } = parametersOf(unshuffledUnet, json);
  const found = parseConfiguration(unshuffledUnet, unshuffledUnet.configure!(shapes)!);
  expect(found).toEqual(parseConfiguration(unshuffledUnet, json));
});

test('a restorer takes the degraded image alone and adds what it lacks', async () => {
  const config = { ...small, prediction: 'residual' };
  const parsed = parseConfiguration(unshuffledUnet, config);
  expect(roleOf(unshuffledUnet as Network, parsed)).toBe('restorer');
  const image = sample([1, 3, 9, 14], 5, { low: 0 });
  const restored = await madeUpOutput(unshuffledUnet, config, [image]);
  expect(restored.shape).toEqual(image.shape);
  const silent = (_name: string, shape: readonly number[]) => tensor(shape);
  const kept = await madeUpOutput(unshuffledUnet, config, [image], silent);
  expect([...kept.data]).toEqual([...image.data]);
});

test('shapes tell a restorer from a denoiser', () => {
  for (const prediction of ['noise', 'residual']) {
    const { shapes } = parametersOf(unshuffledUnet, { ...small, prediction });
    expect(unshuffledUnet.configure!(shapes)).toEqual({ ...small, prediction });
  }
});
