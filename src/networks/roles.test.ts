import { expect, test } from 'vitest';
import { input, ParameterScope } from '../graph/index.js';
import { ModelError } from '../utils/errors.js';
import { outputScale, parseConfiguration } from './network.js';
import { findImageNetwork } from './registry.js';
import { buildDenoiser, buildRestorer, type Role, roleOf } from './roles.js';

const swinir = { embed_dim: 8, depths: [1], num_heads: [2], window_size: 4 };
const rrdb = { num_feat: 4, num_block: 1, num_grow_ch: 2 };

const table: readonly (readonly [string, object, Role | undefined])[] = [
  ['swinir', swinir, 'restorer'],
  ['swinir', { ...swinir, upsampler: 'pixelshuffle', upscale: 4 }, 'restorer'],
  ['swinir', { ...swinir, in_chans: 1 }, undefined],
  ['swinir', { ...swinir, in_chans: 4 }, undefined],
  ['nafnet', { width: 4 }, 'restorer'],
  ['nafnet', { width: 4, img_channel: 4 }, undefined],
  ['fftformer', { dim: 4, num_blocks: [0, 0, 0], num_refinement_blocks: 0 }, 'restorer'],
  ['mirnet', { n_feat: 8, n_RRG: 1, n_MSRB: 1 }, 'restorer'],
  ['mirnet', { n_feat: 8, n_RRG: 1, n_MSRB: 1, in_channels: 4 }, 'denoiser'],
  ['mirnet', { n_feat: 8, n_RRG: 1, n_MSRB: 1, in_channels: 4, out_channels: 4 }, undefined],
  ['udp', { widths: [4], in_channels: 3 }, 'restorer'],
  ['udp', { widths: [4] }, 'denoiser'],
  ['udp', { widths: [4], in_channels: 5 }, undefined],
  ['drunet', { nc: [4, 4], nb: 1 }, 'denoiser'],
  ['drunet', { nc: [4, 4], nb: 1, in_nc: 2, out_nc: 1 }, undefined],
  ['rrdb', rrdb, 'restorer'],
  ['rrdb', { ...rrdb, num_out_ch: 1 }, undefined],
  ['rrdb', { ...rrdb, num_in_ch: 4, scale: 1 }, 'denoiser'],
  ['rrdb', { ...rrdb, num_in_ch: 4, scale: 2 }, undefined],
  ['unshuffled-unet', { widths: [4], blocks: 1 }, 'denoiser'],
  ['compact-restorer', { features: 4, blocks: 1 }, 'restorer'],
  ['fusion', { features: 4, growth: 2 }, 'fusion'],
  ['fusion-tdwa', {}, 'fusion'],
  ['fusion-ldwt', {}, 'fusion'],
];

test.each(table)('%s %j has the role %s', (name, stated, role) => {
  const network = findImageNetwork(name)!;
  const config = parseConfiguration(network, stated);
  expect(roleOf(network, config)).toBe(role);
});

test.each(table)('%s %j builds in its role only: %s', (name, stated, role) => {
  const network = findImageNetwork(name)!;
  const config = parseConfiguration(network, stated);
  const image = input('image', [2, 3, 16, 16]);
  const sigma = input('sigma', [2, 1, 1, 1]);
  const denoiser = () => buildDenoiser(network, config, new ParameterScope(), image, sigma);
  const restorer = () => buildRestorer(network, config, new ParameterScope(), image);
  if (role === 'denoiser') expect(denoiser().shape).toEqual(image.shape);
  else expect(denoiser).toThrow(ModelError);
  const side = 16 * outputScale(network, config);
  if (role === 'restorer') expect(restorer().shape).toEqual([2, 3, side, side]);
  else expect(restorer).toThrow(ModelError);
});
