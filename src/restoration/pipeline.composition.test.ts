import { expect, test } from 'vitest';
import { testRunner } from '../engine/testing/runners.js';
import { input, lowerToOnnx, ParameterScope, type Value } from '../graph/index.js';
import { normalAtPixel } from '../tensor/image-noise.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import type { RestoreOptions } from './pipeline.js';
import { restoreImage } from './restore.js';
import { largestDifference, waves } from './testing/images.js';
import { compactPack, inexactPack } from './testing/packs.js';

const runner = await testRunner();

const abar = [1];
for (let t = 1; t <= 1000; t += 1)
  abar.push(abar[t - 1]! * (1 - (1e-4 + ((2e-2 - 1e-4) * (t - 1)) / 999)));
const beta = (t: number): number => 1 - abar[t]! / abar[t - 1]!;

/** v of an accelerated start, as the sum over the steps that it replaces. */
function mergedVariance(T: number, tau: number): number {
  let sum = 0;
  for (let n = tau + 1; n <= T; n += 1)
    sum += (abar[n - 1]! / abar[tau]!) * ((1 - abar[tau]!) / (1 - abar[n - 1]!)) ** 2 * beta(n);
  return sum;
}

/** Runs one network alone, whole. */
async function apart(
  module: (typeof pack)['restorer'],
  feeds: readonly Tensor[],
): Promise<Float32Array> {
  const inputs = feeds.map(({ shape }, index) => input(`input${index}`, shape));
  const { network, config, weights } = module;
  const output: Value = network.build(config, new ParameterScope(), inputs);
  const graph = await runner.compile(
    `${JSON.stringify(config)} ${feeds[0]!.shape}`,
    () => lowerToOnnx({ outputs: { output }, weights }).bytes,
  );
  const named = feeds.map((feed, index) => [`input${index}`, feed] as const);
  return (await graph.run(Object.fromEntries(named))).output!.data as Float32Array;
}

const pack = compactPack({ tMax: 1000 });
const seed = 7;
const image = waves(9, 7);
const [height, width] = [36, 28];
const batch = [1, 3, height, width];

/** The chain as the specification writes it, all steps of which draw noise for themselves. */
async function composed(
  times: readonly number[],
  start: (restored: number, z: number) => number,
  step: (x0: number, x: number, z: number, t: number, s: number) => number,
): Promise<Tensor> {
  const restored = await apart(pack.restorer, [tensor([1, 3, 9, 7], image.data)]);
  const noise = (time: number, place: number): number => {
    const [row, x] = [Math.floor(place / width), place % width];
    return normalAtPixel(seed, time, Math.floor(row / height), row % height, x);
  };
  let x = Array.from(restored, (value, place) => start(value, noise(times[0]!, place)));
  for (const [index, t] of times.entries()) {
    const s = times[index + 1] ?? 0;
    const noisy = Float32Array.from(x, (value) => value / Math.sqrt(abar[t]!));
    const sigma = Math.sqrt((1 - abar[t]!) / abar[t]!);
    const denoised = await apart(pack.denoiser, [
      tensor(batch, noisy),
      tensor([1, 1, 1, 1], [sigma]),
    ]);
    const estimate = await apart(pack.fusion, [
      tensor(batch, restored),
      tensor(batch, denoised),
      tensor([1], [t]),
    ]);
    x = x.map((value, place) => step(estimate[place]!, value, s > 0 ? noise(s, place) : 0, t, s));
  }
  const clamped = Float32Array.from(x, (value) => Math.min(1, Math.max(0, value)));
  return tensor([3, height, width], clamped);
}

function accelerated(tau: number, variance: (T: number, tau: number) => number) {
  const kept = abar[1000]! / abar[tau]!;
  const c0 = (Math.sqrt(abar[tau]!) * (1 - kept)) / (1 - abar[1000]!);
  const cT = (Math.sqrt(kept) * (1 - abar[tau]!)) / (1 - abar[1000]!);
  const spread = Math.sqrt(cT ** 2 + variance(1000, tau));
  return (restored: number, z: number): number => c0 * restored + spread * z;
}

function posterior(variance: (t: number) => number) {
  return (x0: number, x: number, z: number, t: number): number => {
    const mean =
      ((Math.sqrt(abar[t - 1]!) * beta(t)) / (1 - abar[t]!)) * x0 +
      ((Math.sqrt(1 - beta(t)) * (1 - abar[t - 1]!)) / (1 - abar[t]!)) * x;
    return t === 1 ? mean : mean + Math.sqrt(variance(t)) * z;
  };
}

function ddim(eta: number) {
  return (x0: number, x: number, z: number, t: number, s: number): number => {
    const noise = (x - Math.sqrt(abar[t]!) * x0) / Math.sqrt(1 - abar[t]!);
    const spread = eta * Math.sqrt(((1 - abar[s]!) / (1 - abar[t]!)) * (1 - abar[t]! / abar[s]!));
    const rest = Math.sqrt(Math.max(0, 1 - abar[s]! - spread ** 2));
    return Math.sqrt(abar[s]!) * x0 + rest * noise + spread * z;
  };
}

const smallVariance = (t: number): number => ((1 - abar[t - 1]!) / (1 - abar[t]!)) * beta(t);
const smallMerged = (T: number, tau: number): number =>
  ((1 - abar[tau]!) * (1 - abar[T]! / abar[tau]!)) / (1 - abar[T]!);
const noised = (tau: number) => (restored: number, z: number) =>
  Math.sqrt(abar[tau]!) * restored + Math.sqrt(1 - abar[tau]!) * z;

const cases: [string, RestoreOptions, () => Promise<Tensor>][] = [
  [
    'ancestral steps of large variance after the accelerated start',
    { tau: 4, steps: 4 },
    () => composed([4, 3, 2, 1], accelerated(4, mergedVariance), posterior(beta)),
  ],
  [
    'ancestral steps of small variance after the accelerated start',
    { tau: 3, steps: 3, variance: 'small' },
    () => composed([3, 2, 1], accelerated(3, smallMerged), posterior(smallVariance)),
  ],
  [
    'DDIM without noise',
    { tau: 250, steps: 3 },
    () => composed([250, 167, 83], accelerated(250, mergedVariance), ddim(0)),
  ],
  [
    'DDIM with noise after a forward-noised start',
    { tau: 100, steps: 2, eta: 0.6, start: 'noised' },
    () => composed([100, 50], noised(100), ddim(0.6)),
  ],
  [
    'DDIM from pure noise',
    { start: 'full', steps: 2 },
    () => composed([1000, 500], (_restored, z) => z, ddim(0)),
  ],
];

test.each(cases)('%s: three networks run apart give the same image', async (_, options, whole) => {
  const { image: result } = await restoreImage(image, pack, runner, {
    ...options,
    ...{ noiseLevel: 'nominal', seed },
  });
  expect(largestDifference(result, await whole())).toBeLessThan(1e-5);
});

test('the restoration network alone is reported, not clamped', async () => {
  const { restored } = await restoreImage(image, pack, runner, { tau: 1, steps: 1 });
  const expected = await apart(pack.restorer, [tensor([1, 3, 9, 7], image.data)]);
  expect(largestDifference(restored, tensor([3, height, width], expected))).toBeLessThan(1e-6);
});

test('a denoiser that takes the noise level as a map, and a fusion of the paper', async () => {
  const own = inexactPack();
  const { image: result, restored } = await restoreImage(image, own, runner, {
    start: 'noised',
    tau: 20,
    steps: 1,
    seed,
  });
  const alone = await apart(own.restorer, [tensor([1, 3, 9, 7], image.data)]);
  expect(largestDifference(restored, tensor([3, height, width], alone))).toBeLessThan(1e-5);
  const sigma = Math.sqrt((1 - abar[20]!) / abar[20]!);
  const noisy = new Float32Array(4 * height * width).fill(sigma);
  alone.forEach((value, place) => {
    const [row, x] = [Math.floor(place / width), place % width];
    const z = normalAtPixel(seed, 20, Math.floor(row / height), row % height, x);
    noisy[place] = value + sigma * z;
  });
  const denoised = await apart(own.denoiser, [tensor([1, 4, height, width], noisy)]);
  const fused = await apart(own.fusion, [
    tensor(batch, alone),
    tensor(batch, denoised),
    tensor([1], [20]),
  ]);
  const expected = fused.map((value) => Math.min(1, Math.max(0, value)));
  expect(largestDifference(result, tensor([3, height, width], expected))).toBeLessThan(1e-5);
});
