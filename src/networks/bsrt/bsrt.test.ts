import { expect, test } from 'vitest';
import { gradients, input, mul, ParameterScope, reduceMean } from '../../graph/index.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { parseConfiguration } from '../network.js';
import {
  agreesWithReference,
  madeUpOutput,
  mirroredToMultiple,
  parametersOf,
} from '../testing/networks.js';
import { bsrt } from './bsrt.js';

test('has the parameters and the output of the reference', async () => {
  expect(await agreesWithReference('bsrt-s-4frames')).toBe(true);
});

test.each([
  ['S', 14, 4_915_665],
  ['S', 4, 4_877_265],
  ['L', 14, 20_713_905],
  ['L', 1, 20_564_145],
] as const)('BSRT-%s for %d frames has %d parameters', (model_level, burst_size, count) => {
  expect(parametersOf(bsrt, { model_level, burst_size }).count).toBe(count);
});

const small = {
  burst_size: 2,
  embed_dim: 12,
  depths: [2, 1],
  num_heads: [2, 3],
  window_size: 4,
};

test('gives eight times the size of the frames, whatever that is', () => {
  const config = parseConfiguration(bsrt, small);
  for (const [height, width] of [
    [1, 1],
    [3, 9],
    [8, 4],
  ] as const) {
    const [shape] = bsrt.inputShapes(config, { batch: 2, height, width });
    expect(shape).toEqual([2, 2, 4, height, width]);
    const y = bsrt.build(config, new ParameterScope(), [input('x', shape!)]);
    expect(y.shape).toEqual([2, 3, 8 * height, 8 * width]);
  }
  expect(bsrt.scale(config)).toBe(8);
});

test('frames that windows do not divide are mirrored downwards and to the right', async () => {
  const burst = sample([1, 2, 4, 3, 6], 3, { low: 0 });
  const frames = mirroredToMultiple(tensor([2, 4, 3, 6], burst.data), 4);
  const whole = await madeUpOutput(bsrt, small, [tensor([1, 2, 4, 4, 8], frames.data)]);
  const expected = filled([1, 3, 24, 48], (...place) => at(whole, ...place));
  expectClose(await madeUpOutput(bsrt, small, [burst]), expected);
});

test('bursts of a batch do not touch each other', async () => {
  const both = sample([2, 2, 4, 8, 4], 5, { low: 0 });
  const together = await madeUpOutput(bsrt, small, [both]);
  const part = ({ shape, data }: Tensor, n: number): Tensor => {
    const size = data.length / 2;
    return tensor([1, ...shape.slice(1)], data.slice(n * size, (n + 1) * size));
  };
  for (const n of [0, 1])
    expectClose(await madeUpOutput(bsrt, small, [part(both, n)]), part(together, n), 1e-5);
});

test('every frame counts, and the first is the reference', async () => {
  const burst = sample([1, 2, 4, 4, 4], 7, { low: 0 });
  const size = burst.data.length / 2;
  const before = await madeUpOutput(bsrt, small, [burst]);
  const changes: number[] = [];
  for (const frame of [0, 1]) {
    const data = burst.data.slice();
    for (let place = frame * size; place < (frame + 1) * size; place += 1) data[place]! *= 0.5;
    const after = await madeUpOutput(bsrt, small, [tensor(burst.shape, data)]);
    changes.push(
      Math.max(...after.data.map((value, place) => Math.abs(value - before.data[place]!))),
    );
  }
  expect(changes[1]).toBeGreaterThan(1e-5);
  expect(changes[0]).toBeGreaterThan(2 * changes[1]!);
});

test.each([
  { model_level: 'S' },
  { model_level: 'S', burst_size: 3 },
  { model_level: 'L', burst_size: 2 },
  { ...small, mlp_ratio: 2.5 },
])('its configuration is found again from its parameters: %j', (json) => {
  const config = parseConfiguration(bsrt, json);
  const scope = new ParameterScope();
  const shapes = bsrt.inputShapes(config, { batch: 1, height: 8, width: 8 });
  bsrt.build(config, scope, [input('x', shapes[0]!)]);
  const state = new Map([...scope.declared()].map(([name, { shape }]) => [name, shape]));
  expect(parseConfiguration(bsrt, bsrt.configure!(state))).toEqual(config);
});

test('parameters of other networks, or of absurd bursts, give no configuration', () => {
  const state = new Map<string, readonly number[]>([
    ['fusion.weight', [60, 64 * 14, 1, 1]],
    ['pre_layers.0.attn.relative_position_bias_table', [225, 6]],
    ['pre_layers.0.mlp.fc1.weight', [120, 60]],
  ]);
  expect(bsrt.configure!(state)).toMatchObject({ burst_size: 14, window_size: 8 });
  for (const [key, shape] of [
    ['fusion.weight', [60, 64 * 1e6, 1, 1]],
    ['fusion.weight', [60, 65, 1, 1]],
    ['fusion.weight', [60]],
    ['pre_layers.0.attn.relative_position_bias_table', [200, 6]],
    ['pre_layers.0.mlp.fc1.weight', [120]],
  ] as const)
    expect(bsrt.configure!(new Map(state).set(key, shape))).toBeUndefined();
});

test('every parameter can be trained', () => {
  const scope = new ParameterScope();
  const y = bsrt.build(parseConfiguration(bsrt, small), scope, [input('x', [1, 2, 4, 8, 8])]);
  const trained = [...scope.declared().values()];
  const loss = reduceMean(mul(y, y), [0, 1, 2, 3], false);
  const slopes = gradients(loss, trained);
  for (const [place, { shape }] of trained.entries()) {
    expect(slopes[place]!.shape).toEqual(shape);
    expect(slopes[place]!.operator.name).not.toBe('expand');
  }
});

test('the deformable convolutions start as plain ones half as strong', () => {
  const scope = new ParameterScope();
  const config = parseConfiguration(bsrt, small);
  bsrt.build(config, scope, [input('x', [1, 2, 4, 8, 8])]);
  const initial = (name: string) => scope.declared().get(name)?.attributes.initial;
  expect(initial('align.L1_dcnpack.conv_offset_mask.weight')).toEqual({ kind: 'zeros' });
  expect(initial('align.L1_dcnpack.conv_offset_mask.bias')).toEqual({ kind: 'zeros' });
  expect(initial('align.cas_dcnpack.weight')).toEqual({ kind: 'uniform', bound: 1 / 24 });
  expect(initial('align.cas_dcnpack.bias')).toEqual({ kind: 'zeros' });
  expect(initial('pre_layers.0.attn.qkv.weight')).toEqual({ kind: 'normal', deviation: 0.02 });
});

test.each([
  [{ model_level: 'M' }, 'model_level'],
  [{ burst_size: 0 }, 'burst_size'],
  [{ ...small, num_heads: [2] }, 'num_heads'],
  [{ ...small, num_heads: [2, 5] }, 'num_heads.1'],
  [{ ...small, depths: [2] }, 'depths'],
  [{ ...small, window_size: 3 }, 'window_size'],
  [{ ...small, mlp_ratio: 0.01 }, 'mlp_ratio'],
  [{ ...small, frames: 2 }, 'frames'],
])('refuses the configuration %j by name', (json, name) => {
  expect(() => parseConfiguration(bsrt, json)).toThrow(ParameterError);
  expect(() => parseConfiguration(bsrt, json)).toThrow(name);
});

test.each([[[1, 3, 4, 8, 8]], [[1, 2, 3, 8, 8]], [[2, 4, 8, 8]]])(
  'refuses a burst of shape %j',
  (shape) => {
    const config = parseConfiguration(bsrt, small);
    const build = () => bsrt.build(config, new ParameterScope(), [input('x', shape)]);
    expect(build).toThrow(ParameterError);
    expect(build).toThrow('2 frames');
  },
);

test('tells what is computed from what is loaded', () => {
  const buffers = [
    'spynet.mean',
    'spynet.std',
    'pre_layers.3.attn.relative_position_index',
    'layers.0.residual_group.blocks.1.attn_mask',
  ];
  for (const key of buffers) expect(bsrt.isBuffer!(key)).toBe(true);
  for (const key of ['norm.weight', 'spynet.basic_module.0.basic_module.0.weight'])
    expect(bsrt.isBuffer!(key)).toBe(false);
});
