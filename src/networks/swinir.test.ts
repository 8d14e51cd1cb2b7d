import { expect, test } from 'vitest';
import { input, ParameterScope } from '../graph/index.js';
import { at, expectClose, filled, sample } from '../graph/testing/tensors.js';
import { sizeOf } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { parseConfiguration } from './network.js';
import { swinir } from './swinir.js';
import { agreesWithReference, madeUpOutput } from './testing/networks.js';

test.each([
  'swinir-light-x4',
  'swinir-light-x4-odd',
  'swinir-classical-x4',
  'swinir-realsr-m-x4',
  'swinir-colour-denoise',
  'swinir-3conv-x3',
  'swinir-window-7',
  'swinir-small-windows',
  'swinir-without-biases',
  'swinir-grey-denoise',
  'swinir-positions',
  'swinir-nearest-x2',
])('%s has the parameters and the output of the reference', async (name) => {
  expect(await agreesWithReference(name)).toBe(true);
});

const small = {
  img_size: 16,
  window_size: 4,
  depths: [2],
  embed_dim: 8,
  num_heads: [2],
  mlp_ratio: 2,
};

test.each([
  ['', [1]],
  ['pixelshuffle', [1, 2, 3, 4, 8]],
  ['pixelshuffledirect', [1, 2, 3, 4, 5]],
  ['nearest+conv', [2, 4]],
])('upsampler %j enlarges images of any size', (upsampler, scales) => {
  for (const resi_connection of ['1conv', '3conv'])
    for (const upscale of scales)
      for (const [height, width] of [
        [1, 1],
        [3, 9],
        [8, 4],
      ] as const) {
        const config = parseConfiguration(swinir, {
          ...small,
          upsampler,
          upscale,
          resi_connection,
        });
        const x = input('x', [2, 3, height, width]);
        const y = swinir.build(config, new ParameterScope(), [x]);
        expect(y.shape).toEqual([2, 3, height * upscale, width * upscale]);
        expect(swinir.scale(config)).toBe(upscale);
      }
});

test('a size that windows do not divide is mirrored downwards and to the right', async () => {
  const json = { ...small, upsampler: 'pixelshuffledirect', upscale: 2 };
  const image = sample([1, 3, 5, 2], 3, { low: 0 });
  const mirrored = filled([1, 3, 8, 4], (_, c, row, column) =>
    at(image, 0, c!, row! < 5 ? row! : 8 - row!, [0, 1, 0, 1][column!]!),
  );
  const whole = await madeUpOutput(swinir, json, [mirrored]);
  const expected = filled([1, 3, 10, 4], (n, c, row, column) => at(whole, n!, c!, row!, column!));
  expectClose(await madeUpOutput(swinir, json, [image]), expected);
});

test('images of a batch do not touch each other', async () => {
  const json = { ...small, upsampler: '', upscale: 1 };
  const both = sample([2, 3, 8, 12], 5, { low: 0 });
  const alone = [0, 1].map((n) => filled([1, 3, 8, 12], (_, ...place) => at(both, n, ...place)));
  const together = await madeUpOutput(swinir, json, [both]);
  for (const [n, image] of alone.entries())
    expectClose(
      await madeUpOutput(swinir, json, [image]),
      filled([1, 3, 8, 12], (_, ...place) => at(together, n, ...place)),
    );
});

test('the official configurations have the official numbers of parameters', () => {
  const count = (json: Record<string, unknown>): number => {
    const scope = new ParameterScope();
    swinir.build(parseConfiguration(swinir, json), scope, [input('x', [1, 3, 8, 8])]);
    return [...scope.declared().values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  };
  const medium = {
    window_size: 8,
    depths: [6, 6, 6, 6, 6, 6],
    embed_dim: 180,
    num_heads: [6, 6, 6, 6, 6, 6],
    mlp_ratio: 2,
  };
  expect(count({ ...medium, upscale: 4, upsampler: 'pixelshuffle' })).toBe(11_900_199);
  expect(count({ ...medium, upscale: 1, upsampler: '' })).toBe(11_504_163);
  expect(count({ ...medium, upscale: 4, upsampler: 'nearest+conv' })).toBe(11_715_559);
});

test('parameters start as the reference trains them', () => {
  const scope = new ParameterScope();
  swinir.build(parseConfiguration(swinir, small), scope, [input('x', [1, 3, 8, 8])]);
  const block = 'layers.0.residual_group.blocks.1';
  const initial = (name: string) => scope.declared().get(name)?.attributes.initial;
  const truncated = { kind: 'normal', deviation: 0.02 };
  expect(initial(`${block}.attn.qkv.weight`)).toEqual(truncated);
  expect(initial(`${block}.attn.relative_position_bias_table`)).toEqual(truncated);
  expect(initial(`${block}.mlp.fc1.bias`)).toEqual({ kind: 'zeros' });
  expect(initial(`${block}.norm1.weight`)).toEqual({ kind: 'ones' });
  expect(initial('conv_first.weight')).toEqual({ kind: 'uniform', bound: 1 / Math.sqrt(27) });
  expect(initial('conv_last.bias')).toEqual({ kind: 'uniform', bound: 1 / Math.sqrt(72) });
});

test.each([
  [{ ...small, num_heads: [2, 2] }, 'num_heads'],
  [{ ...small, num_heads: [3] }, 'num_heads.0'],
  [{ ...small, upsampler: 'bicubic' }, 'upsampler'],
  [{ ...small, upsampler: '', upscale: 2 }, 'upscale'],
  [{ ...small, upsampler: 'nearest+conv', upscale: 3 }, 'upscale'],
  [{ ...small, upsampler: 'pixelshuffle', upscale: 5 }, 'upscale'],
  [{ ...small, resi_connection: '2conv' }, 'resi_connection'],
  [{ ...small, embed_dim: 0 }, 'embed_dim'],
  [{ ...small, img_size: 3 }, 'img_size'],
  [{ ...small, embedding: 8 }, 'embedding'],
])('refuses the configuration %j by name', (json, name) => {
  expect(() => parseConfiguration(swinir, json)).toThrow(ParameterError);
  expect(() => parseConfiguration(swinir, json)).toThrow(name);
});

test('refuses other channels and, with position embeddings, other sizes', () => {
  const build = (json: unknown, shape: number[]) => () =>
    swinir.build(parseConfiguration(swinir, json), new ParameterScope(), [input('x', shape)]);
  expect(build(small, [1, 1, 8, 8])).toThrow('swinir input: expected 3 channels, received 1');
  expect(build({ ...small, ape: true }, [1, 3, 8, 8])).toThrow('256 pixels');
  expect(build({ ...small, ape: true }, [1, 3, 16, 13])).not.toThrow();
});
