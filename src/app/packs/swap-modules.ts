import { joinPack, type Pack } from '../../restoration/index.js';
import { readModelFile } from '../models/model-file.js';
import {
  completePart,
  decodePart,
  fileOf,
  type ModuleRole,
  type ModuleSource,
  requireNetwork,
} from './open-module.js';
import { type ProbeCall, probeBytes } from './probe-model.js';

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
    const { bytes, path } = await readModelFile(fileOf(source));
    return completePart(decodePart(bytes, path, role), role, source, (file, stated) =>
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
