import { expect, test } from 'vitest';
import { input, ParameterScope } from '../graph/index.js';
import { ModelError } from '../utils/errors.js';
import { parseConfiguration } from './network.js';
import { findNetwork } from './registry.js';
import { buildDenoiser, buildRestorer, type Role, rolesOf, signatureOf } from './roles.js';

const swinir = { embed_dim: 8, depths: [1], num_heads: [2], window_size: 4 };
const rrdb = { num_feat: 4, num_block: 1, num_grow_ch: 2 };

const table: readonly (readonly [string, object, readonly Role[]])[] = [
  ['swinir', swinir, ['restorer']],
  ['swinir', { ...swinir, upsampler: 'pixelshuffle', upscale: 4 }, ['restorer']],
  ['swinir', { ...swinir, in_chans: 1 }, []],
  ['swinir', { ...swinir, in_chans: 4 }, []],
  ['nafnet', { width: 4 }, ['restorer']],
  ['nafnet', { width: 4, img_channel: 4 }, []],
  ['fftformer', { dim: 4, num_blocks: [0, 0, 0], num_refinement_blocks: 0 }, ['restorer']],
  ['mirnet', { n_feat: 8, n_RRG: 1, n_MSRB: 1 }, ['restorer']],
  ['mirnet', { n_feat: 8, n_RRG: 1, n_MSRB: 1, in_channels: 4 }, ['denoiser']],
  ['mirnet', { n_feat: 8, n_RRG: 1, n_MSRB: 1, in_channels: 4, out_channels: 4 }, []],
  ['udp', { widths: [4], in_channels: 3 }, ['restorer']],
  ['udp', { widths: [4] }, ['denoiser']],
  ['udp', { widths: [4], in_channels: 5 }, []],
  ['drunet', { nc: [4, 4], nb: 1 }, ['denoiser']],
  ['drunet', { nc: [4, 4], nb: 1, in_nc: 2, out_nc: 1 }, []],
  ['rrdb', rrdb, ['restorer']],
  ['rrdb', { ...rrdb, num_out_ch: 1 }, []],
  ['rrdb', { ...rrdb, num_in_ch: 4, scale: 1 }, ['denoiser']],
  ['rrdb', { ...rrdb, num_in_ch: 4, scale: 2 }, []],
  ['unshuffled-unet', { widths: [4], blocks: 1 }, ['denoiser']],
  ['compact-restorer', { features: 4, blocks: 1 }, ['restorer']],
  ['fusion', { features: 4, growth: 2 }, ['fusion']],
  ['fusion-tdwa', {}, ['fusion']],
  ['fusion-ldwt', {}, ['fusion']],
];

test.each(table)('%s %j plays %j', (name, stated, roles) => {
  const network = findNetwork(name)!;
  const config = parseConfiguration(network, stated);
  expect(rolesOf(signatureOf(network, config))).toEqual(roles);
});

test.each(table)('%s %j builds as what it plays and as nothing else: %j', (name, stated, roles) => {
  const network = findNetwork(name)!;
  const config = parseConfiguration(network, stated);
  const image = input('image', [2, 3, 16, 16]);
  const sigma = input('sigma', [2, 1, 1, 1]);
  const denoiser = () => buildDenoiser(network, config, new ParameterScope(), image, sigma);
  const restorer = () => buildRestorer(network, config, new ParameterScope(), image);
  if (roles.includes('denoiser')) expect(denoiser().shape).toEqual(image.shape);
  else expect(denoiser).toThrow(ModelError);
  const side = 16 * network.scale(config);
  if (roles.includes('restorer')) expect(restorer().shape).toEqual([2, 3, side, side]);
  else expect(restorer).toThrow(ModelError);
});
