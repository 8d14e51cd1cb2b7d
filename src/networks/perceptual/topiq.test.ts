import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadCase } from '../../conformance/case.js';
import { madeUpParameter } from '../../conformance/network-case.js';
import {
  conv2d,
  gelu,
  mul,
  ParameterScope,
  sigmoid,
  slice,
  type Value,
} from '../../graph/index.js';
import { asInputs, evaluate, evaluateOn } from '../../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import { sizeOf, type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { parseConfiguration } from '../network.js';
import { withShorterSide } from '../resampling.js';
import { agreesWithReference } from '../testing/networks.js';
import { comparedFeatures, gatedFeatures, topiqFr, topiqNr } from './topiq.js';

const both = [topiqNr, topiqFr];
const small = { inter_dim: 8, num_heads: 2, backbone: { depths: [1, 2], width: 4 } };

function declare(network: typeof topiqNr, json: unknown, images: readonly Tensor[]) {
  const config = parseConfiguration(network, json);
  const { values, feeds } = asInputs(images);
  const scope = new ParameterScope();
  const y = network.build(config, scope, values.slice(0, network.images));
  return { y, feeds, scope };
}

/** Scores under made-up weights. */
async function scores(network: typeof topiqNr, json: unknown, images: readonly Tensor[]) {
  const { y, feeds, scope } = declare(network, json, images);
  const weights = new Map(
    [...scope.declared()].map(([name, { shape }]) => [name, madeUpParameter(name, shape)]),
  );
  const used = Object.entries(feeds).slice(0, images.length);
  return [...(await evaluate({ y }, Object.fromEntries(used), weights)).y!.data];
}

function stateOf(network: typeof topiqNr, json: unknown) {
  const images = [tensor([1, 3, 8, 8]), tensor([1, 3, 8, 8])];
  const { scope } = declare(network, json, images);
  return new Map([...scope.declared()].map(([name, { shape }]) => [name, shape]));
}

test.each(both)('$name has the parameters and the score of the reference', async ({ name }) => {
  expect(await agreesWithReference(name)).toBe(true);
});

test.each(both)(
  '$name finds its published configuration in a state dictionary',
  async (network) => {
    const json = fileURLToPath(
      new URL(`../../../conformance/${network.name}.json`, import.meta.url),
    );
    const { json: content } = await loadCase({ name: network.name, json });
    const state = new Map(Object.entries(content.state_dict as Record<string, number[]>));
    const other = both.find((each) => each !== network)!;
    expect(parseConfiguration(network, network.configure!(state))).toEqual(
      parseConfiguration(network, {}),
    );
    expect(other.configure!(state)).toBeUndefined();
    const buffers = [...state.keys()].filter((key) => network.isBuffer!(key));
    expect(buffers).toHaveLength(53);
    for (const key of ['h_emb', 'score_linear.6.weight', 'sa_attn_blks.0.layers.0.norm1.weight']) {
      const without = new Map(state);
      without.delete(key);
      expect(network.configure!(without)).toBeUndefined();
    }
  },
);

test.each(both)('$name finds further configurations', (network) => {
  const json = { inter_dim: 128, num_attn_layers: 2, num_class: 3, backbone: small.backbone };
  const found = network.configure!(stateOf(network, json));
  expect(parseConfiguration(network, found)).toEqual({ ...json, num_heads: 2 });
});

test('the network for ten marks is known by its shapes, with the size of its images', () => {
  const state = stateOf(topiqNr, { inter_dim: 512, num_class: 10 });
  const config = parseConfiguration(topiqNr, topiqNr.configure!(state));
  expect(config).toMatchObject({ inter_dim: 512, num_heads: 8, num_class: 10, test_img_size: 384 });
  const learned = [...state].filter(([name]) => !name.includes('running'));
  expect(learned.reduce((sum, [, shape]) => sum + sizeOf(shape), 0)).toBe(73_383_567);
});

test.each([
  ...[1, 2, 9].map((height) => [topiqNr, height, 7] as const),
  [topiqNr, 33, 40] as const,
  [topiqFr, 1, 1] as const,
  [topiqFr, 21, 5] as const,
])('images of a batch have scores of their own: %o, %i x %i', async (network, height, width) => {
  const images = [1, 2].map((seed) => sample([2, 3, height, width], seed, { low: 0 }));
  const together = await scores(network, small, images.slice(0, network === topiqNr ? 1 : 2));
  expect(together).toHaveLength(2);
  expect(together[0]).not.toBeCloseTo(together[1]!, 6);
  for (const n of [0, 1]) {
    const one = images.map((value) =>
      filled([1, 3, height, width], (_, ...place) => at(value, n, ...place)),
    );
    const [alone] = await scores(network, small, one.slice(0, network === topiqNr ? 1 : 2));
    expect(alone).toBeCloseTo(together[n]!, 5);
  }
});

test('a score of several marks is a mean between the first and the last', async () => {
  const image = sample([1, 3, 16, 16], 3, { low: 0 });
  const [score] = await scores(topiqNr, { ...small, num_class: 5 }, [image]);
  expect(score).toBeGreaterThan(1);
  expect(score).toBeLessThan(5);
});

test.each([
  [20, 31, 12, [12, 18]],
  [31, 20, 30, [46, 30]],
  [9, 9, 9, [9, 9]],
])(
  'an image of %i x %i is first resized to a shorter side of %i',
  async (height, width, side, size) => {
    const image = sample([1, 3, height, width], 4, { low: 0 });
    const resized = await evaluateOn((x) => withShorterSide(x, side), [image]);
    expect(resized.shape.slice(2)).toEqual(size);
    const [score] = await scores(topiqNr, { ...small, test_img_size: side }, [image]);
    const [expected] = await scores(topiqNr, small, [resized]);
    expect(score).toBeCloseTo(expected!, 5);
  },
);

test('refuses other channels and references of another size', () => {
  const build = (network: typeof topiqNr, ...shapes: number[][]) =>
    declare(
      network,
      small,
      shapes.map((shape) => tensor(shape)),
    );
  expect(() => build(topiqNr, [1, 1, 8, 8])).toThrow(ParameterError);
  expect(() => build(topiqNr, [1, 1, 8, 8])).toThrow('RGB images');
  expect(() => build(topiqFr, [1, 3, 8, 8], [1, 3, 8, 9])).toThrow("the image's shape");
});

test.each([
  [topiqNr, { inter_dim: 7 }, 'inter_dim'],
  [topiqNr, { inter_dim: 8, num_heads: 3 }, 'num_heads'],
  [topiqNr, { test_img_size: 0 }, 'test_img_size'],
  [topiqFr, { test_img_size: 384 }, 'test_img_size'],
  [topiqFr, { backbone: { depths: [], width: 64 } }, 'backbone.depths'],
])('%o refuses %j by name', (network, json, name) => {
  expect(() => parseConfiguration(network, json)).toThrow(ParameterError);
  expect(() => parseConfiguration(network, json)).toThrow(name);
});

function madeUp(scope: ParameterScope): Map<string, Tensor> {
  return new Map(
    [...scope.declared()].map(([name, { shape }]) => [name, madeUpParameter(name, shape)]),
  );
}

test('gates one half of a convolution and weighs places by the other', async () => {
  const x = sample([2, 6, 5, 4], 1);
  const { values, feeds } = asInputs([x]);
  const scope = new ParameterScope();
  const y = gatedFeatures(scope, values[0]!, [5, 4]);

  const parameter = (name: string): Value => scope.declared().get(name)!;
  const layer = (value: Value, name: string, padding: number): Value =>
    conv2d(value, parameter(`${name}.weight`), parameter(`${name}.bias`), { padding });
  const both = layer(values[0]!, 'splitconv', 0);
  const hidden = gelu(layer(slice(both, 1, 6, 12), 'weight_blk.0', 0));
  const weights = sigmoid(layer(gelu(layer(hidden, 'weight_blk.2', 1)), 'weight_blk.4', 1));
  const z = mul(gelu(slice(both, 1, 0, 6)), weights);

  const results = await evaluate({ y, z }, feeds, madeUp(scope));
  expectClose(results.y!, results.z!);
});

test('takes means over the cells only where the features are larger both ways', () => {
  const shapeOf = (height: number, width: number, size: [number, number]) => {
    const { values } = asInputs([sample([1, 6, height, width], 1)]);
    return gatedFeatures(new ParameterScope(), values[0]!, size).shape;
  };
  expect(shapeOf(7, 5, [3, 2])).toEqual([1, 6, 3, 2]);
  expect(shapeOf(7, 2, [3, 2])).toEqual([1, 6, 7, 2]);
  expect(shapeOf(3, 9, [3, 2])).toEqual([1, 6, 3, 9]);
});

test('compares an image with its reference by the distance of every feature', async () => {
  const [a, b] = [sample([1, 2, 4, 4], 1), sample([1, 2, 4, 4], 2)];
  const { values, feeds } = asInputs([a, b]);
  const scope = new ParameterScope();
  const y = comparedFeatures(scope, values[0]!, values[1]!, [4, 4]);
  const { data, shape } = (await evaluate({ y }, feeds, madeUp(scope))).y!;
  expect(shape).toEqual([1, 6, 4, 4]);
  for (let place = 0; place < 32; place += 1) {
    const weight = data[place]! / a.data[place]!;
    expect(weight).toBeGreaterThan(0);
    expect(weight).toBeLessThan(1);
    expect(data[32 + place]).toBeCloseTo(weight * b.data[place]!, 6);
    expect(data[64 + place]).toBeCloseTo(weight * Math.abs(a.data[place]! - b.data[place]!), 5);
  }
});
