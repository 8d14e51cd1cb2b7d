import { expect, test } from 'vitest';
import { gradients, input, ParameterScope, type Value } from '../../graph/index.js';
import { evaluate } from '../../graph/testing/evaluate.js';
import { sample } from '../../graph/testing/tensors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { initialWeights } from '../initial-weights.js';
import { adversarialLoss } from './adversarial.js';

const shape = [2, 3, 16, 16];
const settings = { weight: 0.1, features: 0, penalty: 0, widths: [4, 6] };
const names = ['estimate', 'target', 'noise'] as const;
const [estimate, target, noise] = names.map((name) => input(name, shape)) as [Value, Value, Value];
const images: Record<string, Tensor> = Object.fromEntries(
  names.map((name, seed) => [name, sample(shape, seed + 1)]),
);

async function run(own: typeof settings, feeds = images) {
  const scope = new ParameterScope('discriminator.');
  const loss = adversarialLoss(own, scope, { estimate, target, noise });
  const parameters = [...scope.declared().values()];
  const [toEstimate, ...toParameters] = gradients(loss, [estimate, ...parameters]);
  const outputs: Record<string, Value> = { loss, toEstimate: toEstimate! };
  for (const [index, value] of toParameters.entries()) outputs[`p${index}`] = value;
  const weights = Object.fromEntries(initialWeights(scope.declared(), 5));
  const result = await evaluate(outputs, { ...weights, ...feeds });
  return {
    loss: result.loss!.data[0]!,
    toEstimate: result.toEstimate!.data as Float32Array,
    toParameters: toParameters.map((_, index) => result[`p${index}`]!.data as Float32Array),
    names: [...scope.declared().keys()],
  };
}

const blend = (a: Tensor, b: Tensor, share: number): Tensor => ({
  ...a,
  data: a.data.map((value, place) => value + share * (b.data[place]! - value)),
});
const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));

test('an estimate that is the target costs log 2 on every scale, for either side', async () => {
  const { loss } = await run(settings, { ...images, estimate: images.target! });
  expect(loss).toBeCloseTo(2 * Math.LN2 * (1 + settings.weight), 5);
});

test('the weight scales what the estimate gets and leaves the discriminator alone', async () => {
  const [light, heavy] = [await run(settings), await run({ ...settings, weight: 1 })];
  light.toEstimate.forEach((value, place) => {
    expect(heavy.toEstimate[place]).toBeCloseTo(10 * value, 5);
  });
  expect(norm(light.toEstimate)).toBeGreaterThan(0);
  for (const [index, slope] of light.toParameters.entries()) {
    expect(norm(slope)).toBeGreaterThan(0);
    expect([...heavy.toParameters[index]!]).toEqual([...slope]);
  }
});

test('generator and discriminator pull in opposite directions', async () => {
  // Alike enough that the discriminator, which knows nothing yet, is sure of no place.
  const near = { ...images, estimate: blend(images.target!, images.estimate!, 0.02) };
  const { toEstimate } = await run(settings, near);
  const moved = near.estimate!.data.map(
    (value, place) => value - (0.02 / norm(toEstimate)) * toEstimate[place]!,
  );
  const after = await run(
    { ...settings, weight: 1e-9 },
    {
      ...images,
      estimate: { ...images.estimate!, data: moved },
    },
  );
  // What the generator's step gains, the discriminator loses.
  expect(after.loss).toBeGreaterThan((await run({ ...settings, weight: 1e-9 }, near)).loss);
});

test('features and penalty add to their own side alone', async () => {
  const plain = await run(settings);
  const featured = await run({ ...settings, features: 1 });
  expect(norm(featured.toEstimate)).toBeGreaterThan(norm(plain.toEstimate));
  featured.toParameters.forEach((slope, index) => {
    expect([...slope]).toEqual([...plain.toParameters[index]!]);
  });
  const penalised = await run({ ...settings, penalty: 1000 });
  expect(penalised.loss).toBeGreaterThan(plain.loss);
  penalised.toEstimate.forEach((value, place) => {
    expect(value).toBeCloseTo(plain.toEstimate[place]!, 6);
  });
});

test('its parameters are named apart', async () => {
  const { names: declared } = await run(settings);
  expect(declared).toContain('discriminator.scales.1.logit.bias');
  expect(declared.every((name) => name.startsWith('discriminator.'))).toBe(true);
});
