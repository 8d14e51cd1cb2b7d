import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfiguration } from '../../networks/network.js';
import { findImageNetwork } from '../../networks/registry.js';
import { tensor } from '../../tensor/tensor.js';
import { declaredParameters, encodeModule } from '../../weights/module-file.js';
import { writePack } from '../write-pack.js';

const restorers = {
  1: ['unshuffled-unet', { unshuffle: 2, widths: [4], blocks: 1, prediction: 'residual' }],
  4: ['compact-restorer', { scale: 4, features: 4, blocks: 1 }],
} as const;

/**
 * A pack whose result is the degraded image itself, or that enlarged bilinearly, to about 1e-7.
 * @returns its folder, which is made below `parent`.
 */
export async function identityPack(parent: string, scale: 1 | 4 = 1): Promise<string> {
  const own = join(parent, `identity-${scale}`);
  await mkdir(own, { recursive: true });
  const [restorer, settings] = restorers[scale];
  const files = {
    restorer: await silent(own, restorer, settings),
    denoiser: await silent(own, 'unshuffled-unet', { unshuffle: 2, widths: [4], blocks: 1 }, 'own'),
    fusion: await silent(own, 'fusion', { features: 4, growth: 2, unshuffle: 2, residual: true }),
  };
  const folder = join(own, 'pack');
  const sampler = { tau: 1, steps: 1 };
  const task = scale === 1 ? 'deblur' : 'sr4';
  await writePack(folder, { name: 'identity', task, sampler, tMax: 50, tile: 1024, files });
  return folder;
}

/** A module that adds nothing; the fusion network takes all of the restored image. */
async function silent(
  folder: string,
  name: string,
  settings: object,
  role = name,
): Promise<string> {
  const network = findImageNetwork(name)!;
  const config = parseConfiguration(network, settings);
  const weights = new Map(
    [...declaredParameters(network, config)].map(([key, { shape }]) => {
      const zeros = tensor(shape);
      if (key === 'time.residual.bias') zeros.data.fill(1000);
      return [key, zeros];
    }),
  );
  const path = join(folder, `${role}.safetensors`);
  await writeFile(path, encodeModule({ network, config, weights }));
  return path;
}
