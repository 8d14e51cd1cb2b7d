import { expect, test } from 'vitest';
import { createSchedule } from '../diffusion/index.js';
import { testRunner } from '../engine/testing/runners.js';
import { input, lowerToOnnx, ParameterScope } from '../graph/index.js';
import { buildDenoiser } from '../networks/roles.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { cropped } from '../tensor/window.js';
import { ParameterError } from '../utils/errors.js';
import { joinPack } from './pack.js';
import { joinImage, restoreImage } from './restore.js';
import { largestDifference, waves } from './testing/images.js';
import { compactModules, compactPack, madeUpManifest, madeUpModule } from './testing/packs.js';
import { traceRestoration } from './trace.js';

const runner = await testRunner();

const pack = compactPack();
const low = waves(12, 10);
const options = { tau: 30, steps: 4, seed: 3, noiseLevel: 'nominal' } as const;
const trace = await traceRestoration(joinImage(low, pack), runner, options);
const plain = await restoreImage(low, pack, runner, options);

test('a traced restoration gives the very result and x_IR of one that is not', () => {
  expect(trace.image.data).toEqual(plain.image.data);
  expect(trace.restored.data).toEqual(plain.restored.data);
  expect(trace.facts.nfe).toBe(plain.nfe);
});

test('the last estimate is the result; times fall to it', () => {
  const last = trace.steps.at(-1)!;
  const clamped = last.estimate.data.map((value) => Math.min(1, Math.max(0, value)));
  expect(clamped).toEqual(trace.image.data);
  const { sigma } = createSchedule();
  expect(trace.steps.map(({ t, next }) => [t, next])).toEqual([
    [30, trace.steps[1]!.t],
    [trace.steps[1]!.t, trace.steps[2]!.t],
    [trace.steps[2]!.t, last.t],
    [last.t, 0],
  ]);
  for (const step of trace.steps) expect(step.sigma).toBe(sigma[step.t]);
});

test('x_D is what the denoiser alone makes of the state, and the fusion network makes the estimate of both', async () => {
  const { alphaBar } = createSchedule();
  const shape = [1, 3, 48, 40];
  const { denoiser, fusion } = compactModules;
  for (const { state, denoised, estimate, t, sigma } of trace.steps.slice(0, 2)) {
    const noisy = state.data.map((value) => value / Math.sqrt(alphaBar[t]!));
    const scope = new ParameterScope();
    const output = buildDenoiser(
      denoiser.network,
      denoiser.config,
      scope,
      input('x', shape),
      input('s', [1, 1, 1, 1]),
    );
    const alone = await runner.compile(
      'denoiser alone',
      () => lowerToOnnx({ outputs: { output }, weights: denoiser.weights }).bytes,
    );
    const feeds = { x: tensor(shape, noisy), s: tensor([1, 1, 1, 1], [sigma]) };
    const expected = (await alone.run(feeds)).output as Tensor;
    expect(largestDifference(denoised, tensor(denoised.shape, expected.data))).toBeLessThan(1e-6);
    const both = await runner.compile('fusion alone', () => {
      const inputs = [input('a', shape), input('b', shape), input('t', [1])];
      const mixed = fusion.network.build(fusion.config, new ParameterScope(), inputs);
      return lowerToOnnx({ outputs: { mixed }, weights: fusion.weights }).bytes;
    });
    const { mixed } = await both.run({
      a: tensor(shape, trace.restored.data),
      b: tensor(shape, denoised.data),
      t: tensor([1], [t]),
    });
    expect(
      largestDifference(estimate, tensor(estimate.shape, (mixed as Tensor).data)),
    ).toBeLessThan(1e-5);
  }
});

test('of a part all images are those of the whole there, over tiles as well', async () => {
  const part = { top: 11, left: 6, height: 20, width: 17 };
  const cut = await traceRestoration(joinImage(low, pack), runner, {
    ...{ ...options, part },
    wanted: (index) => index === 2,
  });
  expect(cut.steps).toHaveLength(1);
  const [step] = cut.steps;
  const whole = trace.steps[2]!;
  for (const name of ['state', 'denoised', 'estimate'] as const)
    expect(step![name].data, name).toEqual(cropped(whole[name], part).data);
  expect(cut.restored.data).toEqual(cropped(trace.restored, part).data);
  expect(cut.image.data).toEqual(cropped(trace.image, part).data);
  const wide = waves(12, 60);
  const [tiled, once] = await Promise.all(
    [136, 1024].map((tile) =>
      traceRestoration(joinImage(wide, pack), runner, { ...options, tile, part }),
    ),
  );
  expect(tiled!.facts.tiles).toBeGreaterThan(1);
  for (const [index, { denoised }] of tiled!.steps.entries())
    expect(largestDifference(denoised, once!.steps[index]!.denoised)).toBeLessThan(1e-5);
});

test('weights of x_IR lie between 0 and 1, one for each feature and colour, and follow the time', () => {
  for (const { weights } of trace.steps) {
    expect(weights!.features).toHaveLength(6);
    expect(weights!.colours).toHaveLength(3);
    for (const weight of [...weights!.features!, ...weights!.colours!]) {
      expect(weight).toBeGreaterThan(0);
      expect(weight).toBeLessThan(1);
    }
  }
  expect(trace.steps[0]!.weights).not.toEqual(trace.steps[1]!.weights);
});

test('the weights of a time-dependent average are those that its estimate has', async () => {
  const modules = { ...compactModules, fusion: madeUpModule('fusion-tdwa', { features: 6 }) };
  const averaging = joinPack(madeUpManifest(), modules, 'averaging');
  const { steps, restored } = await traceRestoration(joinImage(low, averaging), runner, options);
  for (const { weights, denoised, estimate } of steps) {
    const area = denoised.data.length / 3;
    const expected = denoised.data.map((value, at) => {
      const share = weights!.colours![Math.floor(at / area)]!;
      return share * restored.data[at]! + (1 - share) * value;
    });
    expect(largestDifference(estimate, tensor(estimate.shape, expected))).toBeLessThan(1e-5);
  }
});

test('a fusion network without weights of the time tells none', async () => {
  const modules = {
    ...compactModules,
    fusion: madeUpModule('fusion-unet', { features: 6, widths: [4, 6] }),
  };
  const other = joinPack(madeUpManifest(), modules, 'other');
  const { steps } = await traceRestoration(joinImage(low, other), runner, options);
  expect(steps.map(({ weights }) => weights)).toEqual(steps.map(() => undefined));
});

test('a part beyond the result is refused', async () => {
  const part = { top: 0, left: 30, height: 8, width: 11 };
  const call = traceRestoration(joinImage(low, pack), runner, { part });
  await expect(call).rejects.toThrow(ParameterError);
});
