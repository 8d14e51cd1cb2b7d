import { expect, test } from 'vitest';
import { findPerceptualNetwork } from '../networks/registry.js';
import { madeUpModule } from '../restoration/testing/packs.js';
import { encodeSafetensors } from '../tensor/safetensors.js';
import { processorTime } from '../tensor/testing/hostile-files.js';
import { ModelError } from '../utils/errors.js';
import { decodeModule, encodeModule } from './module-file.js';

const { weights } = madeUpModule('compact-restorer', { features: 2, blocks: 1, scale: 1 });

/** A small file that states a configuration of a network. */
function claiming(network: string, config: unknown): Uint8Array {
  return encodeSafetensors(
    weights,
    new Map([
      ['network', network],
      ['config', typeof config === 'string' ? config : JSON.stringify(config)],
    ]),
  );
}

const much = 1e12;
const many = 1e9;

const claims: readonly (readonly [network: string, config: unknown])[] = [
  ['bsrt', { burst_size: many }],
  ['bsrt', { depths: [many, many], num_heads: [1, 1] }],
  ['bsrt', { window_size: many }],
  ['compact-restorer', { features: much }],
  ['compact-restorer', { features: 2, blocks: 1, scale: 8 }],
  ['drunet', { nc: [much, much] }],
  ['drunet', { nb: many }],
  ['fftformer', { dim: much }],
  ['fftformer', { num_blocks: [many, many, many] }],
  ['fftformer', { ffn_expansion_factor: 1e300 }],
  ['fusion', { features: much }],
  ['fusion', { growth: much }],
  ['fusion-ldwt', { levels: 8 }],
  ['fusion-tdwa', { features: much }],
  ['fusion-unet', { features: much }],
  ['fusion-unet', { widths: [much, much] }],
  ['mirnet', { n_RRG: many }],
  ['mirnet', { n_MSRB: many }],
  ['mirnet', { width: many }],
  ['mirnet', { n_feat: much, height: 8 }],
  ['mirnet', { kernel_size: many + 1 }],
  ['nafnet', { middle_blk_num: many }],
  ['nafnet', { width: much, enc_blk_nums: [many], dec_blk_nums: [many] }],
  ['rrdb', { num_block: many }],
  ['rrdb', { num_feat: much, num_in_ch: much }],
  ['swinir', { depths: new Array(1e4).fill(6), num_heads: new Array(1e4).fill(6) }],
  ['swinir', { window_size: many }],
  ['swinir', { window_size: 64 }],
  ['swinir', { embed_dim: much, depths: [many], num_heads: [1] }],
  ['swinir', { ape: true, img_size: many }],
  ['swinir', { ape: true, img_size: [1, many] }],
  ['swinir', { upsampler: 'pixelshuffledirect', upscale: many }],
  ['udp', { widths: [much, much] }],
  ['udp', { in_channels: much }],
  ['unshuffled-unet', { widths: [much] }],
  ['__proto__', {}],
  ['compact-restorer', '['.repeat(1e5)],
  ['compact-restorer', '{"__proto__":{"features":2}}'],
];

test.each(
  claims.map(([network, config]) => {
    const shown = JSON.stringify(config).slice(0, 60);
    return [network, shown, config] as const;
  }),
)('a small file that claims to be %s with %s is refused soon', (network, _, config) => {
  const bytes = claiming(network, config);
  const before = process.memoryUsage.rss();
  const time = processorTime(() => {
    expect(() => decodeModule(bytes, 'bad.safetensors')).toThrow(ModelError);
  });
  expect(time).toBeLessThan(1000);
  expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 28);
  expect(() => decodeModule(bytes, 'bad.safetensors')).toThrow(/^bad\.safetensors: /);
});

test.each<[string, unknown]>([
  ['lpips-alex', {}],
  ['topiq-nr', { inter_dim: many }],
  ['topiq-nr', { num_attn_layers: many }],
  ['topiq-fr', { backbone: { depths: [many], width: many } }],
  ['topiq-fr', { backbone: { depths: new Array(8).fill(many), width: 1 } }],
])('a small file that claims to be the judge %s with %j is refused soon', (network, config) => {
  const bytes = claiming(network, config);
  const time = processorTime(() => {
    expect(() => decodeModule(bytes, 'bad.safetensors', findPerceptualNetwork)).toThrow(ModelError);
  });
  expect(time).toBeLessThan(1000);
});

test('the file of the network itself is read', () => {
  const module = madeUpModule('compact-restorer', { features: 2, blocks: 1, scale: 1 });
  expect(decodeModule(encodeModule(module), 'good').weights).toEqual(weights);
});
