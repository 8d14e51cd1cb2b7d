import { madeUpParameter } from '../../src/conformance/network-case.js';
import { parseConfiguration } from '../../src/networks/network.js';
import { findImageNetwork } from '../../src/networks/registry.js';
import type { FrozenModules } from '../../src/training/definition.js';
import { parseRecipe, type Recipe } from '../../src/training/recipe.js';
import { declaredParameters, type Module } from '../../src/weights/module-file.js';

/** A recipe small enough for an adapter without a GPU, and the modules that it needs. */
export interface SmallRecipe {
  readonly name: string;
  readonly recipe: Recipe;
  readonly modules: FrozenModules;
}

const common = {
  data: 'made-up images',
  steps: 100,
  batch: 2,
  crop: 16,
  learningRate: 2e-4,
  schedule: { kind: 'cosine' },
};
const compact = { network: 'compact-restorer', config: { scale: 4, features: 8, blocks: 2 } };
const unet = {
  network: 'unshuffled-unet',
  config: { unshuffle: 2, widths: [8, 12], blocks: 1 },
};

const entries: readonly (readonly [name: string, entries: object])[] = [
  ['compact restorer', restorer({ ...compact, loss: 'l1' })],
  [
    'compact restorer, all terms of the loss, clipping, weight decay',
    restorer({
      ...compact,
      loss: 'charbonnier',
      edge: 0.1,
      frequency: 0.1,
      clip: 0.01,
      weightDecay: 0.01,
    }),
  ],
  ['compact denoiser, noise', denoiser(unet)],
  [
    'compact denoiser, preconditioned',
    denoiser({ ...unet, config: { ...unet.config, prediction: 'preconditioned' } }),
  ],
  ['compact fusion', fusion('fusion', { features: 8, growth: 4, unshuffle: 2, residual: true })],
  ['fusion of the paper', fusion('fusion', { features: 8, growth: 4 })],
  ['fusion, weighted average by timestep', fusion('fusion-tdwa', { features: 8 })],
  ['fusion, wavelets', fusion('fusion-ldwt', { levels: 2 })],
  ['fusion, U-Net', fusion('fusion-unet', { features: 8, widths: [4, 6] })],
  [
    'NAFNet',
    restorer({
      network: 'nafnet',
      config: { width: 4, middle_blk_num: 1, enc_blk_nums: [1], dec_blk_nums: [1] },
      loss: 'l1',
      scale: 1,
    }),
  ],
  [
    'MIRNet',
    denoiser({ network: 'mirnet', config: { in_channels: 4, n_feat: 8, n_RRG: 1, n_MSRB: 1 } }),
  ],
  [
    'SwinIR',
    restorer({
      network: 'swinir',
      config: {
        img_size: 8,
        window_size: 4,
        depths: [2],
        num_heads: [2],
        embed_dim: 8,
        mlp_ratio: 2,
        upscale: 2,
        upsampler: 'pixelshuffledirect',
      },
      loss: 'charbonnier',
      scale: 2,
    }),
  ],
  ['DRUNet', denoiser({ network: 'drunet', config: { nc: [4, 6, 8], nb: 1 } })],
  [
    'FFTformer',
    restorer({
      network: 'fftformer',
      config: { dim: 4, num_blocks: [1, 1, 1], num_refinement_blocks: 1 },
      loss: 'l1',
      scale: 1,
      crop: 32,
      batch: 1,
    }),
  ],
  [
    'RRDB',
    restorer({
      network: 'rrdb',
      config: { num_feat: 4, num_block: 1, num_grow_ch: 2 },
      loss: 'l1',
    }),
  ],
];

/** Recipes of the networks that images are restored with, at sizes that take a software adapter seconds. */
export function smallRecipes(): SmallRecipe[] {
  const modules = {
    restorer: madeUpModule(compact),
    denoiser: madeUpModule(unet),
  };
  return entries.map(([name, stated]) => ({ name, recipe: parseRecipe(stated), modules }));
}

function restorer(stated: object): object {
  return { ...common, kind: 'restorer', scale: 4, ...stated };
}

function denoiser(stated: object): object {
  const sigma = { minimum: 0.01, maximum: 0.5, law: 'log-uniform' };
  return { ...common, kind: 'denoiser', loss: 'mse', sigma, ...stated };
}

function fusion(network: string, config: object): object {
  return {
    ...common,
    kind: 'fusion',
    loss: 'mse',
    restorer: 'made up',
    denoiser: 'made up',
    timesteps: { maximum: 250, law: 'uniform' },
    network,
    config,
  };
}

function madeUpModule(stated: { readonly network: string; readonly config: object }): Module {
  const network = findImageNetwork(stated.network)!;
  const config = parseConfiguration(network, stated.config);
  const weights = new Map(
    [...declaredParameters(network, config)].map(([name, { shape }]) => [
      name,
      madeUpParameter(name, shape),
    ]),
  );
  return { network, config, weights };
}
