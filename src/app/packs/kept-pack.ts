import { join } from 'node:path';
import type { JobContext } from '../../engine/job.js';
import { fileState } from '../../files/fingerprint.js';
import { type Pack, weightBytes } from '../../restoration/index.js';
import { requirePack } from './find-pack.js';
import { readPack } from './load-pack.js';
import { contractFileOf, fileOf } from './open-module.js';
import type { ProbeCall } from './probe-model.js';
import { type ModuleSwaps, type SwappedModules, swapModules } from './swap-modules.js';

/** A pack as it is used, with the modules that were swapped. */
export interface UsedPack {
  readonly pack: Pack;
  readonly swapped: SwappedModules;
}

/**
 * The pack of a name or folder with some modules swapped, from an earlier job of this process where
 * none of its files has changed since.
 * @throws ModelError as `loadPack` and `swapModules`.
 */
export async function keptPack(
  context: Pick<JobContext, 'keep'>,
  nameOrFolder: string,
  swaps: ModuleSwaps,
  probing: ProbeCall = {},
): Promise<UsedPack> {
  const found = await requirePack(nameOrFolder);
  const { folder, path, manifest } = found;
  const sources = Object.values(swaps).filter((source) => source !== undefined);
  const files = [
    path,
    ...Object.values(manifest.modules).map(({ file }) => join(folder, file)),
    ...sources.flatMap((source) => [fileOf(source), contractFileOf(source)]),
  ];
  const key = JSON.stringify([files, await Promise.all(files.map(fileState)), swaps]);
  return context.keep(key, async () => {
    const value = await swapModules(await readPack(found), swaps, probing);
    return { value, bytes: weightBytes(value.pack) };
  });
}
