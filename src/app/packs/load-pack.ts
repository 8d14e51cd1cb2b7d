import { join } from 'node:path';
import { sha256Of } from '../../files/fingerprint.js';
import { readWeights } from '../../files/input-file.js';
import { joinPack, type Pack, type PackModule } from '../../restoration/index.js';
import { ModelError } from '../../tensor/errors.js';
import { decodeModule } from '../../weights/module-file.js';
import { decodeOnnx } from '../../weights/onnx/decode-onnx.js';
import { defineOnnxModule } from '../../weights/onnx/onnx-module.js';
import { type PackFolder, requirePack } from './find-pack.js';
import { requireNetwork } from './open-module.js';
import { packFile } from './pack-file.js';

/**
 * Loads a pack from its folder, or a shipped one by its name, and checks every file against the
 * hash in its manifest.
 * @throws ModelError where there is no such pack, a file is missing, changed or damaged, or the
 * modules do not fit together.
 */
export async function loadPack(nameOrFolder: string): Promise<Pack> {
  return readPack(await requirePack(nameOrFolder));
}

/** As `loadPack`, of a pack that was found. */
export async function readPack({ folder, path, manifest }: PackFolder): Promise<Pack> {
  const load = async (role: keyof typeof manifest.modules): Promise<PackModule> => {
    const { file, sha256, ...entry } = manifest.modules[role];
    const bytes = await readWeights(await packFile(folder, file));
    const received = sha256Of(bytes);
    if (received !== sha256)
      throw new ModelError(join(folder, file), 'is not the file that the pack names', {
        expected: `sha256 ${sha256}`,
        received: `sha256 ${received}`,
      });
    if ('contract' in entry && entry.contract !== undefined)
      return defineOnnxModule(decodeOnnx(bytes, join(folder, file)), entry.contract);
    return decodeModule(bytes, join(folder, file));
  };
  const [restorer, denoiser, fusion] = await Promise.all([
    load('restorer'),
    load('denoiser'),
    load('fusion'),
  ]);
  return joinPack(manifest, { restorer, denoiser, fusion: requireNetwork(fusion) }, path);
}
