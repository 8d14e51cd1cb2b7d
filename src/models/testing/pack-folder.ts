import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compactModules } from '../../restoration/testing/packs.js';
import { encodeModule, type Module } from '../../weights/module-file.js';
import type { ModuleRole } from '../open-module.js';
import { type PackParts, writePack } from '../write-pack.js';

/** Module files in a folder, as training leaves them, and what a pack is assembled from. */
export async function moduleFiles(
  folder: string,
  modules: typeof compactModules = compactModules,
): Promise<PackParts & { readonly files: Readonly<Record<ModuleRole, string>> }> {
  await mkdir(folder, { recursive: true });
  const write = async (role: string, module: Module): Promise<string> => {
    const path = join(folder, `${role}-weights.safetensors`);
    await writeFile(path, encodeModule(module));
    return path;
  };
  return {
    name: 'made-up',
    task: 'sr4',
    sampler: { tau: 5, steps: 2 },
    tMax: 250,
    tile: 1024,
    files: {
      restorer: await write('restorer', modules.restorer),
      denoiser: await write('denoiser', modules.denoiser),
      fusion: await write('fusion', modules.fusion),
    },
  };
}

/** A pack of made-up networks in a folder of its own below `parent`. */
export async function packFolder(parent: string): Promise<string> {
  const folder = join(parent, 'pack');
  await writePack(folder, await moduleFiles(join(parent, 'modules')));
  return folder;
}
