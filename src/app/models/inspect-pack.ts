import { join } from 'node:path';
import { readWeights } from '../../files/input-file.js';
import type { PackManifest } from '../../restoration/index.js';
import { ModelError } from '../../tensor/errors.js';
import type { ModuleFacts } from '../../weights/describe-module.js';
import { decodeModel } from '../../weights/load-checkpoint.js';
import type { PackFolder } from '../packs/find-pack.js';
import { packFile } from '../packs/pack-file.js';
import { networkFacts, type OnnxFacts, onnxFacts } from './inspect-model.js';

/** A pack with what is to know of its three modules. */
export interface InspectedPack {
  readonly kind: 'pack';
  readonly folder: string;
  readonly manifest: PackManifest;
  readonly modules: Readonly<Record<keyof PackManifest['modules'], ModuleFacts | OnnxFacts>>;
}

/**
 * Describes a pack.
 * @throws ModelError where a module is missing, damaged or of no known kind.
 */
export async function inspectPack({ folder, manifest }: PackFolder): Promise<InspectedPack> {
  const describe = async (
    role: keyof PackManifest['modules'],
  ): Promise<ModuleFacts | OnnxFacts> => {
    const { file } = manifest.modules[role];
    const path = join(folder, file);
    const bytes = await readWeights(await packFile(folder, file));
    const decoded = decodeModel(bytes, path);
    if (decoded.kind === 'network') return networkFacts(decoded.module);
    if (decoded.kind === 'onnx') return onnxFacts(decoded.file);
    throw new ModelError(path, `is ${decoded.module.network.name}, which judges images`);
  };
  const modules = {
    restorer: await describe('restorer'),
    denoiser: await describe('denoiser'),
    fusion: await describe('fusion'),
  };
  return { kind: 'pack', folder, manifest, modules };
}
