import { expect, test } from 'vitest';
import { shippedNaturalScenes } from '../benchmark/metrics/open-metrics.js';
import { createPerceptualMetric } from '../benchmark/metrics/perceptual.js';
import { testRunner } from '../engine/testing/runners.js';
import type { GraphRunner } from '../graph/graph-runner.js';
import { mul, reduceMean } from '../graph/index.js';
import { lpipsAlex } from '../networks/perceptual/lpips.js';
import { topiqNr } from '../networks/perceptual/topiq.js';
import { findPerceptualNetwork } from '../networks/registry.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import { findEntry } from '../weights/catalogue/catalogue.js';
import { defineModule, type PerceptualModule } from '../weights/module-file.js';
import { madeUpPerceptualModule } from '../weights/testing/perceptual-modules.js';
import type { ImageMetric, MetricResources } from './metric.js';
import { withoutBorder } from './planes.js';
import { findMetric, metrics } from './registry.js';
import { defaultMetrics, parseMetricRequest } from './request.js';
import { deadLeaves, withNoise } from './testing/dead-leaves.js';

let runner: GraphRunner | undefined;

/** Stands for TOPIQ, whose backbone takes long: the mean of an image, twice. */
const brightness: PerceptualModule = defineModule(
  {
    ...topiqNr,
    schema: topiqNr.schema,
    build: (_config: unknown, scope, [image]) =>
      reduceMean(mul(image!, scope.parameter('weight', [])), [1, 2, 3], false),
  } as typeof topiqNr as never,
  {},
  new Map([['weight', tensor([], [2])]]),
);

function resources(): MetricResources & { readonly known: ReadonlyMap<string, unknown> } {
  const known = new Map<string, unknown>();
  return {
    known,
    shared: <Value>(key: string, make: () => Promise<Value>) => {
      const found = (known.get(key) as Promise<Value> | undefined) ?? make();
      known.set(key, found);
      return found;
    },
    naturalScenes: shippedNaturalScenes,
    network: async ({ network, files }) => {
      const modules = { 'lpips-alex': madeUpPerceptualModule(lpipsAlex), 'topiq-nr': brightness };
      const module = modules[network as keyof typeof modules];
      if (module === undefined) throw new ModelError(network, 'is not stored yet');
      runner ??= await testRunner();
      const score = createPerceptualMetric(module, runner);
      return { score, direction: module.network.better, source: files.join(' + ') };
    },
  };
}

async function open(text: string, from: MetricResources = resources()): Promise<ImageMetric> {
  const { metric, settings } = parseMetricRequest(text, {}, ['image', 'pair']);
  return (await metric.open(settings, from)) as ImageMetric;
}

const image = deadLeaves(21, 192, 192);
const noisy = withNoise(image, 0.05, 2);

test('names are unique, and weights are those of networks and catalogue entries that exist', () => {
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
  for (const { weights, colourSpaces } of metrics) {
    expect(colourSpaces.length).toBeGreaterThan(0);
    if (weights === undefined) continue;
    expect(findPerceptualNetwork(weights.network)?.name).toBe(weights.network);
    for (const file of weights.files) expect(findEntry(file)?.role).toMatch(/^metric/);
  }
});

const pixelMetrics = metrics.filter(
  ({ weights, input }) => weights === undefined && input !== 'set',
);

test.each(pixelMetrics.map(({ name }) => name))(
  '%s opens as it is declared and tells images apart',
  async (name) => {
    const declared = findMetric(name)!;
    const metric = (await declared.open({ border: 0 }, resources())) as ImageMetric;
    expect(metric.name).toBe(name);
    expect(metric.input).toBe(declared.input);
    expect(declared.colourSpaces).toContain(metric.colourSpace);
    expect(metric.version).not.toBe('');
    const isPair = metric.input === 'pair';
    const reference = isPair ? image : undefined;
    const [good, bad] = [
      await metric.measure(image, reference),
      await metric.measure(noisy, reference),
    ];
    if (metric.direction === 'higher') expect(good).toBeGreaterThan(bad);
    else if (isPair) expect(good).toBeLessThan(bad);
    for (const score of [good, bad]) {
      expect(score).toBeGreaterThanOrEqual(metric.range[0]);
      expect(score).toBeLessThanOrEqual(metric.range[1] + 1e-9);
    }
    if (isPair) await expect(async () => metric.measure(image)).rejects.toThrow(ParameterError);
  },
);

test('colour space, border and short names are understood, and labels mean the same again', () => {
  expect(parseMetricRequest('psnr:y:4')).toMatchObject({
    label: 'psnr:y:4',
    settings: { colourSpace: 'luma', border: 4 },
  });
  expect(parseMetricRequest('lpips').metric.name).toBe('lpips-alex');
  const defaults = { colourSpace: 'luma', border: 2 } as const;
  expect(parseMetricRequest('ssim', defaults).label).toBe('ssim:y:2');
  expect(parseMetricRequest('ssim:rgb:0', defaults).label).toBe('ssim');
  expect(parseMetricRequest('lpips-vgg', defaults).label).toBe('lpips-vgg:2');
  for (const { name } of metrics)
    for (const settings of [{}, defaults]) {
      const request = parseMetricRequest(name, settings);
      expect(parseMetricRequest(request.label).label).toBe(request.label);
    }
});

test.each([
  ['pnsr', /some of psnr,ssim/],
  ['psnr:lab', /NAME\[:rgb\|:y\]\[:BORDER\]/],
  ['lpips:y', /lpips-alex on rgb/],
  ['niqe:rgb', /niqe on y/],
  ['psnr:-1', /BORDER/],
  ['swd:4', /swd without settings/],
])('%s is refused', (text, message) => {
  expect(() => parseMetricRequest(text)).toThrow(ParameterError);
  expect(() => parseMetricRequest(text)).toThrow(message);
});

test('without a reference only metrics that need none are defaults', () => {
  expect(defaultMetrics(false).every(({ metric }) => metric.input === 'image')).toBe(true);
  const labels = defaultMetrics(true, { border: 4 }).map(({ label }) => label);
  expect(labels).toEqual(expect.arrayContaining(['psnr:4', 'niqe:4', 'lpips-alex:4']));
});

test('LPIPS is that of the images without their border', async () => {
  const whole = await open('lpips-alex');
  const inner = await open('lpips-alex:8');
  expect(whole.version).toBe('1 lpips-alex + alexnet-imagenet');
  const [a, b] = [noisy, image].map((each) => withoutBorder('image', each, 8));
  expect(await inner.measure(noisy, image)).toBe(await whole.measure(a!, b!));
  expect(await whole.measure(image, image)).toBe(0);
});

test('TOPIQ-delta is the difference of the scores, each computed once', async () => {
  const shared = resources();
  const dark = tensor(
    image.shape,
    image.data.map((value) => value / 2),
  );
  const mean = (each: Tensor) => each.data.reduce((sum, v) => sum + v, 0) / each.data.length;
  const blind = await open('topiq-nr', shared);
  const delta = await open('topiq-delta', shared);
  expect(delta).toMatchObject({ direction: 'lower', range: [0, 1], input: 'pair' });
  expect(await blind.measure(dark)).toBeCloseTo(2 * mean(dark), 4);
  expect(await delta.measure(dark, image)).toBeCloseTo(mean(image), 4);
  expect(shared.known.size).toBe(1);
  const small = tensor([3, 10, 10]);
  await expect(delta.measure(dark, small)).rejects.toThrow(/the reference's shape/);
});

test('weights that are missing are missed, not made up', async () => {
  await expect(open('lpips-vgg')).rejects.toThrow(ModelError);
  await expect(open('topiq-fr')).rejects.toThrow(/not stored/);
});
