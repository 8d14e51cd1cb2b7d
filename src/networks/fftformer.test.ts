import { ParameterScope, input } from '../graph/index.js';
import { at, expectClose, filled, sample } from '../graph/testing/tensors.js';
import { ParameterError } from '../tensor/errors.js';
import { parseConfiguration } from './configuration.js';
import { fftformer } from './fftformer.js';
import { madeUpOutput, parametersOf } from './testing/made-up.js';
import { mirroredToMultiple } from './testing/mirrored.js';
import { agreesWithReference } from './testing/reference.js';
import { expect, test } from 'vitest';

const small = { dim: 4, num_blocks: [1, 1, 1], num_refinement_blocks: 1 };

test.each(['fftformer', 'fftformer-biases', 'fftformer-bias-free', 'fftformer-grey'])(
  '%s has the parameters and the output of the reference',
  async (name) => {
    expect(await agreesWithReference(name)).toBe(true);
  },
);

test('has the published number of parameters', () => {
  expect(parametersOf(fftformer, {}).count).toBe(16_560_474);
});

test.each([
  [1, 1],
  [7, 40],
  [33, 20],
])(
  'a picture of %i x %i is mirrored to multiples of 32 and cropped back',
  async (height, width) => {
    const picture = sample([1, 3, height, width], 3, { low: 0 });
    const whole = await madeUpOutput(fftformer, small, [mirroredToMultiple(picture, 32)]);
    const expected = filled(picture.shape, (n, c, row, column) => at(whole, n!, c!, row!, column!));
    expectClose(await madeUpOutput(fftformer, small, [picture]), expected, 1e-5);
  },
);

test('pictures of a batch do not touch each other', async () => {
  const both = sample([2, 3, 32, 32], 5, { low: 0 });
  const together = await madeUpOutput(fftformer, small, [both]);
  for (const n of [0, 1]) {
    const picture = filled([1, 3, 32, 32], (_, ...place) => at(both, n, ...place));
    expectClose(
      await madeUpOutput(fftformer, small, [picture]),
      filled([1, 3, 32, 32], (_, ...place) => at(together, n, ...place)),
      1e-5,
    );
  }
});

test('a grey input is added to every colour', async () => {
  const json = { ...small, inp_channels: 1 };
  const picture = sample([1, 1, 32, 32], 2, { low: 0 });
  expect((await madeUpOutput(fftformer, json, [picture])).shape).toEqual([1, 3, 32, 32]);
});

test('convolutions of blocks have biases on demand, those of fusions always the same', () => {
  const plain = new Set(parametersOf(fftformer, small).names);
  const added = parametersOf(fftformer, { ...small, bias: true }).names.filter(
    (name) => !plain.has(name),
  );
  expect(added).toContain('encoder_level1.0.ffn.project_in.bias');
  expect(added).toContain('decoder_level3.0.attn.to_hidden_dw.bias');
  expect(added).toContain('reduce_chan_level2.bias');
  expect(added).toContain('output.bias');
  expect(added.filter((name) => /^(fuse|down|up|patch_embed)/.test(name))).toEqual([]);
  expect(plain).toContain('fuse1.conv2.bias');
});

test('normalisations without bias are those of the blocks, not of attention or fusion', () => {
  const { names } = parametersOf(fftformer, { ...small, LayerNorm_type: 'BiasFree' });
  const biased = names.filter((name) => name.endsWith('body.bias'));
  expect(biased.filter((name) => !/attn\.norm\.|^fuse/.test(name))).toEqual([]);
  expect(biased).toContain('refinement.0.attn.norm.body.bias');
  expect(biased).toContain('fuse2.att_channel.norm2.body.bias');
  expect(names).toContain('refinement.0.norm1.body.weight');
});

test('levels may be without blocks, and a fourth number of blocks is ignored', () => {
  const none = { ...small, num_blocks: [0, 1, 0, 9] };
  const { names } = parametersOf(fftformer, none);
  expect(names.some((name) => name.startsWith('decoder_level2.0.'))).toBe(true);
  expect(names.filter((name) => /_level[13]\.|_level2\.1/.test(name))).toEqual([]);
});

test.each([
  [{ ...small, inp_channels: 2 }, 'inp_channels: expected 1 or out_channels 3'],
  [{ ...small, dim: 0 }, 'dim'],
  [{ ...small, num_blocks: [1, 1] }, 'num_blocks: expected 3 levels'],
  [{ ...small, num_blocks: [1, 1.5, 1] }, 'num_blocks.1'],
  [{ ...small, num_refinement_blocks: -1 }, 'num_refinement_blocks'],
  [{ ...small, ffn_expansion_factor: 0.2 }, 'ffn_expansion_factor: expected at least 0.25'],
  [{ ...small, LayerNorm_type: 'Bias' }, 'LayerNorm_type'],
  [{ ...small, features: 8 }, 'features'],
])('refuses the configuration %j by name', (json, text) => {
  expect(() => parseConfiguration(fftformer, json)).toThrow(ParameterError);
  expect(() => parseConfiguration(fftformer, json)).toThrow(text);
});

test('refuses other channels', () => {
  const config = parseConfiguration(fftformer, small);
  const build = () => fftformer.build(config, new ParameterScope(), [input('x', [1, 4, 32, 32])]);
  expect(build).toThrow('fftformer input: expected 3 channels, received 4');
});
