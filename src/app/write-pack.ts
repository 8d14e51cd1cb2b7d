import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeModule, encodeModule, type Module } from '../checkpoints/module-file.js';
import { writeFileAtomic } from '../files/write-atomic.js';
import { joinPack, type PackManifest, parseManifest } from '../restoration/index.js';
import { ModelError, OutputError, ParameterError } from '../tensor/errors.js';

/** Everything a pack is assembled from. */
export interface PackParts
  extends Pick<PackManifest, 'name' | 'task' | 'sampler' | 'tMax' | 'tile'> {
  /** Module files, such as the `weights.safetensors` of training runs. */
  readonly files: Readonly<Record<'restorer' | 'denoiser' | 'fusion', string>>;
  /** Stores weights in half precision, which the pack then is defined by. */
  readonly half?: boolean;
  readonly description?: string;
}

/**
 * Writes a pack into a folder, its manifest last, so that a pack that can be opened is whole.
 * @throws ParameterError where not steps <= tau <= tMax, ModelError where a module cannot be read
 * or cannot do its part, OutputError where the folder cannot be written.
 */
export async function writePack(folder: string, parts: PackParts): Promise<PackManifest> {
  const { files, half = false, description, ...facts } = parts;
  if (facts.sampler.tau > facts.tMax)
    throw new ParameterError('tau', `at most tMax ${facts.tMax}`, facts.sampler.tau);
  if (facts.sampler.steps > facts.sampler.tau)
    throw new ParameterError('steps', `at most tau ${facts.sampler.tau}`, facts.sampler.steps);
  const modules = await Promise.all(
    (['restorer', 'denoiser', 'fusion'] as const).map(async (role) => {
      const module = await loadModuleFile(files[role]);
      return { role, module, bytes: encodeModule(module, { half }) };
    }),
  );
  const [restorer, denoiser, fusion] = modules.map(({ module }) => module) as [
    Module,
    Module,
    Module,
  ];
  const manifest = parseManifest(
    {
      format: 'dp-ir-pack',
      version: 1,
      ...facts,
      scale: restorer.network.scale(restorer.config),
      modules: Object.fromEntries(
        modules.map(({ role, bytes }) => [
          role,
          {
            file: `${role}.safetensors`,
            sha256: createHash('sha256').update(bytes).digest('hex'),
          },
        ]),
      ),
      ...(description === undefined ? {} : { description }),
    },
    folder,
  );
  joinPack(manifest, { restorer, denoiser, fusion }, folder);
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new OutputError(folder, 'cannot be made', { cause });
  }
  for (const { role, bytes } of modules)
    await writeFileAtomic(join(folder, `${role}.safetensors`), bytes);
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFileAtomic(join(folder, 'pack.json'), new TextEncoder().encode(text));
  return manifest;
}

/**
 * Reads one module from a file.
 * @throws ModelError where it cannot be read or is damaged.
 */
export async function loadModuleFile(path: string): Promise<Module> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new ModelError(path, 'cannot be read', { cause });
  }
  return decodeModule(bytes, path);
}
