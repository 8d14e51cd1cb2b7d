import { expect, test } from 'vitest';
import { parseConfiguration } from '../../networks/configuration.js';
import { findNetwork } from '../../networks/registry.js';
import { declaredParameters } from '../module-file.js';
import { detect, detectNetwork } from './index.js';

type Configuration = Record<string, unknown>;

const swinir = { embed_dim: 12, depths: [2, 1], num_heads: [2, 3], window_size: 4, mlp_ratio: 2 };
const mirnet = { n_feat: 8, n_RRG: 1, n_MSRB: 1, height: 2 };
const fftformer = { dim: 8, num_blocks: [1, 1, 1], num_refinement_blocks: 1 };
const rrdb = { num_feat: 4, num_block: 1, num_grow_ch: 2 };
const drunet = { nc: [4, 6], nb: 2 };
const nafnet = { width: 4, enc_blk_nums: [1, 1], dec_blk_nums: [1, 1] };

const table: Record<string, readonly Configuration[]> = {
  swinir: [
    swinir,
    ...[1, 2, 3, 4, 8, 16].map((upscale) => ({ ...swinir, upsampler: 'pixelshuffle', upscale })),
    ...[1, 2, 3, 4, 5].map((upscale) => ({ ...swinir, upsampler: 'pixelshuffledirect', upscale })),
    ...[2, 4].map((upscale) => ({ ...swinir, upsampler: 'nearest+conv', upscale })),
    ...[1, 4].map((in_chans) => ({ ...swinir, in_chans, upsampler: 'pixelshuffle', upscale: 3 })),
    { ...swinir, in_chans: 1, upsampler: 'pixelshuffledirect', upscale: 2 },
    { ...swinir, in_chans: 64, upsampler: 'pixelshuffledirect', upscale: 3 },
    { ...swinir, resi_connection: '3conv', upsampler: 'nearest+conv', upscale: 4 },
    { ...swinir, qkv_bias: false, patch_norm: false },
    { ...swinir, ape: true, img_size: 8 },
    { ...swinir, ape: true, img_size: 12, upsampler: 'pixelshuffle', upscale: 2 },
    { ...swinir, window_size: 7, img_range: 255 },
    { ...swinir, window_size: 7, upsampler: 'pixelshuffle', upscale: 2 },
    { ...swinir, window_size: 16, depths: [1], num_heads: [1] },
    ...[0.5, 1.5, 2.66, 3, 4].map((mlp_ratio) => ({ ...swinir, mlp_ratio })),
    { ...swinir, depths: [1, 3, 2], num_heads: [1, 12, 4], embed_dim: 24 },
  ],
  mirnet: [
    mirnet,
    { ...mirnet, in_channels: 4 },
    { ...mirnet, in_channels: 1, out_channels: 1 },
    { ...mirnet, in_channels: 1, out_channels: 3, kernel_size: 5 },
    ...[1, 2, 3].map((width) => ({ ...mirnet, width })),
    ...[1, 3].map((height) => ({ ...mirnet, height })),
    { ...mirnet, n_RRG: 2, n_MSRB: 3, bias: true },
    { ...mirnet, n_RRG: 3, n_MSRB: 1, width: 1, n_feat: 16 },
  ],
  fftformer: [
    fftformer,
    { ...fftformer, inp_channels: 1, out_channels: 1 },
    { ...fftformer, inp_channels: 1, out_channels: 3 },
    { ...fftformer, num_blocks: [2, 0, 1], num_refinement_blocks: 3 },
    { ...fftformer, num_blocks: [0, 0, 0], num_refinement_blocks: 0 },
    { ...fftformer, bias: true, LayerNorm_type: 'BiasFree' },
    ...[0.5, 1, 2.66, 2.667, 3.5].map((ffn_expansion_factor) => ({
      ...fftformer,
      dim: 48,
      ffn_expansion_factor,
    })),
  ],
  'compact-burst': [
    {},
    { scale: 1, features: 8, encoderBlocks: 0, trunkFeatures: 6, trunkBlocks: 2 },
  ],
  rrdb: [
    ...[1, 2, 4].map((scale) => ({ ...rrdb, scale })),
    { ...rrdb, scale: 1, num_in_ch: 1, num_out_ch: 1 },
    { ...rrdb, scale: 4, num_in_ch: 4, num_block: 3 },
    { ...rrdb, num_feat: 6, num_grow_ch: 5 },
  ],
  udp: [
    { widths: [4] },
    { widths: [4, 6, 8], in_channels: 3 },
    { widths: [6, 4, 5, 8, 3], in_channels: 7 },
  ],
  drunet: [
    drunet,
    { ...drunet, in_nc: 2, out_nc: 1, nc: [4, 5, 6, 7, 8] },
    { ...drunet, nb: 1 },
    { ...drunet, bias: false, nb: 3 },
    ...['convtranspose', 'pixelshuffle', 'upconv'].flatMap((upsample_mode) =>
      ['strideconv', 'avgpool'].flatMap((downsample_mode) =>
        [1, 2].map((nb) => ({ ...drunet, nb, upsample_mode, downsample_mode })),
      ),
    ),
  ],
  nafnet: [
    nafnet,
    { width: 4 },
    { ...nafnet, img_channel: 1, middle_blk_num: 3 },
    { ...nafnet, middle_blk_num: 0, enc_blk_nums: [0, 3], dec_blk_nums: [2, 0] },
    { ...nafnet, enc_blk_nums: [1, 2, 3, 0], dec_blk_nums: [0, 1, 4, 2] },
    { width: 5, enc_blk_nums: [0], dec_blk_nums: [0], middle_blk_num: 0 },
  ],
  bsrt: [
    { embed_dim: 12, depths: [1, 1], num_heads: [2, 3], burst_size: 2 },
    { embed_dim: 8, depths: [2, 1, 3], num_heads: [1, 2, 4], window_size: 4, mlp_ratio: 1.5 },
  ],
  fusion: [
    { features: 4, growth: 2 },
    { features: 6, growth: 3, unshuffle: 2, residual: true },
  ],
  'fusion-tdwa': [{ features: 8 }],
  'fusion-ldwt': [{ levels: 1 }, { levels: 5 }],
  'fusion-unet': [{ features: 8, widths: [4, 6] }],
  'unshuffled-unet': [
    { widths: [4, 6], blocks: 1 },
    { widths: [4], blocks: 3, unshuffle: 1 },
    { widths: [6, 5, 4], blocks: 2, unshuffle: 4 },
  ],
  'compact-restorer': [
    { features: 4, blocks: 1 },
    ...[1, 2, 3, 8].map((scale) => ({ features: 5, blocks: 3, scale })),
  ],
};

function stateOf(name: string, stated: Configuration): Map<string, readonly number[]> {
  const network = findNetwork(name)!;
  const config = parseConfiguration(network, stated);
  const state = new Map<string, readonly number[]>();
  for (const [key, { shape }] of declaredParameters(network, config)) state.set(key, shape);
  for (const [key, declared] of network.aliases?.(config) ?? [])
    state.set(key, state.get(declared)!);
  return state;
}

test.each(
  Object.entries(table).flatMap(([name, configurations]) =>
    configurations.map((stated) => [name, stated] as const),
  ),
)('%s %j is found again from its parameters alone', (name, stated) => {
  const network = findNetwork(name)!;
  const found = detect(stateOf(name, stated), name);
  expect(found.network).toBe(network);
  expect(found.config).toEqual(parseConfiguration(network, stated));
});

test.each([
  [4, 64],
  [16, 128],
])('SwinIR has windows of %i and was trained at %i, as its masks say', (window, size) => {
  const stated = { ...swinir, window_size: window, depths: [1, 2], num_heads: [1, 1] };
  const state = stateOf('swinir', stated);
  const masks = [(size / window) ** 2, window ** 2, window ** 2];
  state.set('layers.1.residual_group.blocks.1.attn_mask', masks);
  const found = detectNetwork(state, 'swinir');
  expect(found.statedConfig).toMatchObject({ window_size: window, img_size: size });
  expect(found.buffers).toEqual(['layers.1.residual_group.blocks.1.attn_mask']);
});

test('SwinIR with buffers, but without masks, was trained on single windows', () => {
  const stated = { ...swinir, window_size: 4, img_size: 4 };
  const state = stateOf('swinir', stated);
  expect(detectNetwork(state, 'x').config).toMatchObject({ window: 4, shift: 2 });
  const index = 'layers.0.residual_group.blocks.0.attn.relative_position_index';
  state.set(index, [16, 16]);
  expect(detectNetwork(state, 'x').config).toEqual(
    parseConfiguration(findNetwork('swinir')!, stated),
  );
});

test('MIRNet without the second names of its parameters has the published columns', () => {
  const state = stateOf('mirnet', mirnet);
  for (const key of [...state.keys()])
    if (/blocks\.\d+\.1\./.test(key) || /blocks\.[1-9]\d*\.0\.body\.1\.weight$/.test(key))
      state.delete(key);
  expect(detectNetwork(state, 'x').config).toMatchObject({ columns: 2 });
});
