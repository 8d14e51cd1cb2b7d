import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Network, parseConfiguration } from '../../networks/network.js';
import { findNetwork } from '../../networks/registry.js';
import { ModelError } from '../../utils/errors.js';
import { declaredParameters } from '../module-file.js';
import { detectNetwork } from './detect.js';

const folder = new URL('../../../conformance/', import.meta.url);

interface Case {
  readonly network: string;
  readonly config?: unknown;
  readonly state_dict: Record<string, number[]>;
  readonly not_trained?: string[];
}

const cases = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => [file, JSON.parse(readFileSync(new URL(file, folder), 'utf8'))] as const)
  .filter((entry): entry is readonly [string, Case] => 'state_dict' in entry[1]);

function shapes(name: string): Map<string, readonly number[]> {
  return new Map(Object.entries(cases.find(([file]) => file === name)![1].state_dict));
}

/** Entries of made-up configurations that no shape tells and no published checkpoint has. */
const untold: Record<string, Record<string, unknown>> = {
  'swinir-grey-denoise.json': { img_range: 255 },
  'swinir-small-windows.json': { window_size: 8, img_size: 4 },
  'swinir-window-7.json': { img_range: 1 },
  'swinir-without-biases.json': { qk_scale: 0.7 },
};

test.each(cases)('%s gives its architecture and configuration', (file, entry) => {
  const state = new Map(Object.entries(entry.state_dict));
  const found = detectNetwork(state, file, file in untold ? { config: untold[file]! } : {});
  const network = findNetwork(entry.network);
  if (found.network.role === 'perceptual') {
    expect(entry.network.startsWith(found.network.name)).toBe(true);
  } else {
    expect(found.network).toBe(network);
    expect(found.config).toEqual(parseConfiguration<unknown>(network!, entry.config ?? {}));
    expect(parseConfiguration<unknown>(found.network, found.statedConfig)).toEqual(found.config);
  }
  const counters = [...state.keys()].filter((key) => key.endsWith('.num_batches_tracked'));
  expect(new Set(found.buffers)).toEqual(new Set(entry.not_trained ?? counters));
  expect(new Set([...found.names.keys(), ...found.buffers])).toEqual(new Set(state.keys()));
});

test('what wrappers put before every key is left off, and given back in the names', () => {
  const state = shapes('swinir-light-x4.json');
  const wrapped = new Map([...state].map(([key, shape]) => [`module._orig_mod.${key}`, shape]));
  const found = detectNetwork(wrapped, 'checkpoint');
  expect(found.network.name).toBe('swinir');
  expect(found.names.get('module._orig_mod.conv_first.weight')).toBe('conv_first.weight');
  expect(found.buffers.every((key) => key.startsWith('module._orig_mod.'))).toBe(true);
  expect(found.config).toEqual(detectNetwork(state, 'checkpoint').config);
});

test('counters of averaging and profiling tools are no parameters', () => {
  const state = shapes('udp.json');
  const averaged = new Map([...state].map(([key, shape]) => [`module.${key}`, shape]));
  const counters = ['n_averaged', 'module.total_ops', 'module.middle.0.total_params'];
  for (const key of counters) averaged.set(key, []);
  const found = detectNetwork(averaged, 'checkpoint');
  expect(found.config).toEqual(detectNetwork(state, 'checkpoint').config);
  expect(found.buffers).toEqual(counters);
});

test('a prefix that one key lacks is no prefix', () => {
  const wrapped = new Map(
    [...shapes('udp.json')].map(([key, shape], place) => [
      place === 0 ? key : `module.${key}`,
      shape,
    ]),
  );
  expect(() => detectNetwork(wrapped, 'udp.pth')).toThrow(ModelError);
});

test.each<[string, (state: Map<string, readonly number[]>) => void, RegExp]>([
  ['a key too few', (state) => state.delete('conv_hr.bias'), /rrdb: 1 missing \(conv_hr\.bias\)$/],
  [
    'a key too many',
    (state) => state.set('conv_up3.bias', [64]),
    /1 unexpected \(conv_up3\.bias\)/,
  ],
  [
    'another shape',
    (state) => state.set('body.1.rdb2.conv3.weight', [32, 100, 3, 3]),
    /1 of another shape \(body\.1\.rdb2\.conv3\.weight expected \[32,128,3,3\] received \[32,100,3,3\]\)/,
  ],
  [
    'all of it',
    (state) => {
      state.delete('conv_hr.bias');
      for (let extra = 0; extra < 9; extra += 1) state.set(`extra.${extra}`, [1]);
    },
    /1 missing \(conv_hr\.bias\); 9 unexpected \(extra\.0, extra\.1, extra\.2, extra\.3, …\)/,
  ],
])('%s is refused with the closest architecture and the keys', (_, change, message) => {
  const state = shapes('rrdb.json');
  change(state);
  expect(() => detectNetwork(state, 'esrgan.pth')).toThrow(ModelError);
  expect(() => detectNetwork(state, 'esrgan.pth')).toThrow(message);
  expect(() => detectNetwork(state, 'esrgan.pth')).toThrow(
    /^esrgan\.pth: is of no known architecture\. The closest is rrdb: /,
  );
});

test('a network of which only the blocks are left is still compared with its own kind', () => {
  const state = new Map([...shapes('nafnet.json')].filter(([key]) => key !== 'intro.weight'));
  expect(() => detectNetwork(state, 'x.pth')).toThrow(/The closest is nafnet: .*intro\.weight/);
});

test('what fits two architectures is refused with both names, until one is said', () => {
  const [rrdb, twin] = ['rrdb', 'twin'].map((name) => ({ ...findNetwork('rrdb')!, name })) as [
    Network,
    Network,
  ];
  const state = shapes('rrdb.json');
  expect(() => detectNetwork(state, 'x.pth', { among: [rrdb, twin] })).toThrow(
    'x.pth: fits several architectures: rrdb, twin; name one of them',
  );
  expect(detectNetwork(state, 'x.pth', { among: [twin] }).network).toBe(twin);
});

test('keys that resemble nothing are listed', () => {
  const state = new Map([['alpha', [2]]]);
  expect(() => detectNetwork(state, 'x.pth')).toThrow(/no known architecture; its keys are alpha$/);
});

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
  const config = parseConfiguration<unknown>(network, stated);
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
  const found = detectNetwork(stateOf(name, stated), name);
  expect(found.network).toBe(network);
  expect(found.config).toEqual(parseConfiguration<unknown>(network, stated));
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
