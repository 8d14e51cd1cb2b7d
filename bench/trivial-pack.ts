import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModuleRole } from '../src/models/open-module.js';
import { writePack } from '../src/models/write-pack.js';
import { parseConfiguration } from '../src/networks/network.js';
import { findImageNetwork } from '../src/networks/registry.js';
import type { TaskName } from '../src/restoration/index.js';
import { initialWeights } from '../src/training/initial-weights.js';
import { declaredParameters, encodeModule } from '../src/weights/module-file.js';

/** Networks by name, each with its configuration. */
export type TrivialModules = Readonly<
  Record<ModuleRole, readonly [network: string, config: object]>
>;

/** Writes a pack of untrained networks to a folder, its modules beside it. */
export async function writeTrivialPack(
  path: string,
  modules: TrivialModules,
  { task, tile }: { readonly task: TaskName; readonly tile: number },
): Promise<string> {
  await mkdir(`${path}-modules`, { recursive: true });
  const write = async (role: ModuleRole): Promise<string> => {
    const [name, stated] = modules[role];
    const network = findImageNetwork(name)!;
    const config = parseConfiguration(network, stated);
    const weights = initialWeights(declaredParameters(network, config), 0);
    const file = join(`${path}-modules`, `${role}.safetensors`);
    await writeFile(file, encodeModule({ network, config, weights, statedConfig: stated }));
    return file;
  };
  const files = {
    restorer: await write('restorer'),
    denoiser: await write('denoiser'),
    fusion: await write('fusion'),
  };
  const sampler = { tau: 5, steps: 1 };
  await writePack(path, { name: 'trivial', task, sampler, tMax: 50, tile, files });
  return path;
}

export function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
