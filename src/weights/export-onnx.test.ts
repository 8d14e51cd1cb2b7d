import { expect, test } from 'vitest';
import { madeUpParameter } from '../conformance/network-case.js';
import { runModel } from '../graph/testing/evaluate.js';
import { sample } from '../graph/testing/tensors.js';
import { parseConfiguration } from '../networks/network.js';
import { lpipsAlex } from '../networks/perceptual/lpips.js';
import { findImageNetwork } from '../networks/registry.js';
import { madeUpOutput } from '../networks/testing/networks.js';
import type { Tensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import { exportModule } from './export-onnx.js';
import { declaredParameters, type Module } from './module-file.js';
import { madeUpPerceptualModule } from './testing/perceptual-modules.js';

function madeUp(name: string, stated: object): Module {
  const network = findImageNetwork(name)!;
  const config = parseConfiguration(network, stated);
  const declared = [...declaredParameters(network, config)];
  const weights = new Map(declared.map(([key, { shape }]) => [key, madeUpParameter(key, shape)]));
  return { network, config, statedConfig: stated, weights };
}

function differ(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape);
  return a.data.reduce((most, value, place) => Math.max(most, Math.abs(value - b.data[place]!)), 0);
}

const drunet = ['drunet', { nc: [8, 8, 16, 16], nb: 1 }] as const;
const nafnet = [
  'nafnet',
  { width: 8, enc_blk_nums: [1, 1], middle_blk_num: 1, dec_blk_nums: [1, 1] },
] as const;
const fftformer = [
  'fftformer',
  { dim: 8, num_blocks: [1, 1, 1], num_refinement_blocks: 1 },
] as const;
const swinir = [
  'swinir',
  { img_size: 16, window_size: 8, depths: [2], embed_dim: 12, num_heads: [2], upscale: 1 },
] as const;

test.each([
  [...nafnet, 'image', 3, [36, 20]],
  [...drunet, 'image', 4, [40, 24]],
  [...fftformer, 'image', 3, [96, 64]],
] as const)(
  '%s with dynamic axes gives what the network gives',
  async (name, stated, input, channels, [height, width]) => {
    const exported = exportModule(madeUp(name, stated), 'dynamic');
    expect(exported.inputs).toEqual([input]);
    const image = sample([1, channels, height, width], 3, { low: 0, high: 1 });
    const { output } = await runModel(exported.bytes, { image });
    const expected = await madeUpOutput(findImageNetwork(name)!, stated, [image]);
    expect(differ(output!, expected)).toBeLessThan(2e-6);
  },
);

test('a model of one size takes any size, which the network pads by itself', async () => {
  const [name, stated] = swinir;
  const exported = exportModule(madeUp(name, stated), { height: 13, width: 18 });
  const image = sample([1, 3, 13, 18], 3, { low: 0, high: 1 });
  const { output } = await runModel(exported.bytes, { image });
  expect(
    differ(output!, await madeUpOutput(findImageNetwork(name)!, stated, [image])),
  ).toBeLessThan(2e-6);
});

test('inputs are called by what they are', () => {
  const fusion = exportModule(madeUp('fusion', { features: 4, growth: 2 }), 'dynamic');
  expect(new Set(fusion.inputs)).toEqual(new Set(['restored', 'denoised', 't']));
});

test('a metric gives one score at every size', async () => {
  const metric = madeUpPerceptualModule(lpipsAlex);
  const size = { height: 48, width: 70 };
  const models = [exportModule(metric, 'dynamic'), exportModule(metric, size)];
  const feeds = {
    image: sample([1, 3, 48, 70], 1, { low: 0, high: 1 }),
    reference: sample([1, 3, 48, 70], 2, { low: 0, high: 1 }),
  };
  const scores: Tensor[] = [];
  for (const { bytes } of models) scores.push((await runModel(bytes, feeds)).score!);
  expect(differ(scores[0]!, scores[1]!)).toBeLessThan(1e-6);
  expect(scores[0]!.shape).toEqual([1]);
});

test('a network of shifted windows has no dynamic axes', () => {
  const module = madeUp(...swinir);
  expect(() => exportModule(module, 'dynamic')).toThrow(ModelError);
  expect(() => exportModule(module, 'dynamic')).toThrow(
    /^swinir: cannot have dynamic axes: .*windows.*export it for one size/,
  );
});

test('a size that is none is refused', () => {
  const module = madeUp(...nafnet);
  expect(() => exportModule(module, { height: 0, width: 8 })).toThrow(ParameterError);
  expect(() => exportModule(module, { height: 8, width: 8.5 })).toThrow('width: expected');
});
