import { join } from 'node:path';
import type { JobContext } from '../engine/job.js';
import { fileState } from '../files/digest.js';
import { joinPack, type Pack, requireNetwork, weightBytes } from '../restoration/index.js';
import {
  completePart,
  contractFileOf,
  decodePart,
  fileOf,
  type ModuleRole,
  type ModuleSource,
  type ProbeCall,
  probeBytes,
} from './open-module.js';
import { readPack, requirePack } from './packs.js';

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
export async function cachedPack(
  context: Pick<JobContext, 'cached'>,
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
  return context.cached(key, async () => {
    const value = await swapModules(await readPack(found), swaps, probing);
    return { value, bytes: weightBytes(value.pack) };
  });
}

/** Modules that take the place of those of a pack. */
export interface ModuleSwaps {
  readonly restorer?: ModuleSource | undefined;
  readonly denoiser?: ModuleSource | undefined;
  readonly fusion?: string | undefined;
}

/** The file that took the place of each module that was swapped. */
export type SwappedModules = Readonly<Partial<Record<ModuleRole, string>>>;

/**
 * A pack with some of its modules replaced; task, sampler and largest t stay those of the pack.
 * @param probing how ONNX files are probed, each in a process of its own.
 * @throws ModelError where a file cannot be read or cannot do its part; LimitError where it takes
 * too much to find out.
 */
export async function swapModules(
  pack: Pack,
  swaps: ModuleSwaps,
  probing: ProbeCall = {},
): Promise<{ readonly pack: Pack; readonly swapped: SwappedModules }> {
  const isAny = Object.values(swaps).some((source) => source !== undefined);
  if (!isAny) return { pack, swapped: {} };
  const load = async (role: ModuleRole, source: ModuleSource | undefined) => {
    if (source === undefined) return pack[role];
    const { readModelFile } = await import('./import-model.js');
    const { bytes, path } = await readModelFile(fileOf(source));
    return completePart(await decodePart(bytes, path, role), role, source, (file, stated) =>
      probeBytes(
        { bytes: file.bytes, name: path, role: role as 'restorer' | 'denoiser', stated },
        probing,
      ),
    );
  };
  const restorer = await load('restorer', swaps.restorer);
  const denoiser = await load('denoiser', swaps.denoiser);
  const fusion = requireNetwork(await load('fusion', swaps.fusion));
  const swapped: Partial<Record<ModuleRole, string>> = {};
  for (const role of ['restorer', 'denoiser', 'fusion'] as const) {
    const source = swaps[role];
    if (source !== undefined) swapped[role] = fileOf(source);
  }
  const { manifest } = pack;
  const modules = { restorer, denoiser, fusion };
  return { pack: joinPack(manifest, modules, `${manifest.name} with other modules`), swapped };
}
