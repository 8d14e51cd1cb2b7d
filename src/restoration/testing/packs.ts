import { madeUpParameter } from '../../conformance/network-case.js';
import { parseConfiguration } from '../../networks/network.js';
import { findImageNetwork } from '../../networks/registry.js';
import type { Tensor } from '../../tensor/tensor.js';
import { declaredParameters, defineModule, type Module } from '../../weights/module-file.js';
import { joinPack, type Pack, type PackManifest } from '../pack.js';

/** A pack all of whose modules are networks of this package. */
export type NetworkPack = Pack<typeof compactModules>;

/** A network whose weights are a function of their names. */
export function madeUpModule(name: string, stated: unknown): Module {
  const network = findImageNetwork(name)!;
  const config = parseConfiguration(network, stated);
  const weights = new Map<string, Tensor>();
  for (const [key, { shape }] of declaredParameters(network, config))
    weights.set(key, madeUpParameter(key, shape));
  return defineModule(network, stated, weights);
}

export function madeUpManifest(changes: Partial<PackManifest> = {}): PackManifest {
  const file = (name: string) => ({ file: `${name}.safetensors`, sha256: '0'.repeat(64) });
  return {
    format: 'dp-ir-pack',
    version: 1,
    name: 'made-up',
    task: 'sr4',
    scale: 4,
    modules: { restorer: file('restorer'), denoiser: file('denoiser'), fusion: file('fusion') },
    sampler: { tau: 5, steps: 2 },
    tMax: 250,
    tile: 1024,
    ...changes,
  };
}

export const compactModules = {
  restorer: madeUpModule('compact-restorer', { scale: 4, features: 6, blocks: 1 }),
  denoiser: madeUpModule('unshuffled-unet', { unshuffle: 2, widths: [6, 8], blocks: 1 }),
  fusion: madeUpModule('fusion', { features: 6, growth: 4, unshuffle: 2, residual: true }),
};

/** Networks of finite reach: a margin of 5 pixels for the restorer, 60 for the others together. */
export function compactPack(changes: Partial<PackManifest> = {}): NetworkPack {
  return joinPack(madeUpManifest(changes), compactModules, 'made-up');
}

/** Shifted windows and global pooling: no tile gives the pixels of the whole. */
export function inexactPack(changes: Partial<PackManifest> = {}): NetworkPack {
  const modules = {
    restorer: madeUpModule('swinir', {
      upscale: 4,
      img_size: 16,
      window_size: 4,
      embed_dim: 8,
      depths: [2],
      num_heads: [2],
      mlp_ratio: 2,
      upsampler: 'pixelshuffledirect',
    }),
    denoiser: madeUpModule('mirnet', {
      in_channels: 4,
      n_feat: 8,
      n_RRG: 1,
      n_MSRB: 1,
      height: 2,
    }),
    fusion: madeUpModule('fusion', { features: 6, growth: 4 }),
  };
  return joinPack(madeUpManifest(changes), modules, 'made-up');
}
