import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfiguration } from '../../networks/network.js';
import { findImageNetwork } from '../../networks/registry.js';
import { initialWeights } from '../../training/initial-weights.js';
import { declaredParameters, encodeModule } from '../../weights/module-file.js';
import { writePack } from '../write-pack.js';

const modules = {
  restorer: ['compact-restorer', { scale: 4, features: 4, blocks: 1 }],
  denoiser: ['unshuffled-unet', { unshuffle: 2, widths: [4, 6], blocks: 1 }],
  fusion: ['fusion', { features: 4, growth: 2, unshuffle: 2, residual: true }],
} as const;

/**
 * Writes a pack of untrained networks that run in milliseconds.
 * @returns its folder, which is made below `parent`; beside it lie the files of its modules.
 */
export async function tinyPack(parent: string): Promise<string> {
  const own = join(parent, 'tiny-pack');
  await mkdir(own, { recursive: true });
  const files = { restorer: '', denoiser: '', fusion: '' };
  for (const role of ['restorer', 'denoiser', 'fusion'] as const) {
    const [name, settings] = modules[role];
    const network = findImageNetwork(name)!;
    const config = parseConfiguration(network, settings);
    const weights = initialWeights(declaredParameters(network, config), 1);
    files[role] = join(own, `${role}.safetensors`);
    await writeFile(files[role], encodeModule({ network, config, weights }));
  }
  const folder = join(own, 'tiny');
  const sampler = { tau: 20, steps: 3 };
  await writePack(folder, { name: 'tiny', task: 'sr4', sampler, tMax: 50, tile: 256, files });
  return folder;
}
