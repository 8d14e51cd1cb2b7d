import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeModule } from '../checkpoints/module-file.js';
import { decodeOnnx } from '../checkpoints/onnx/index.js';
import { defineOnnxModule } from '../checkpoints/onnx/onnx-module.js';
import { joinPack, type Pack, type PackModule, parseManifest } from '../restoration/index.js';
import { ModelError } from '../tensor/errors.js';
import { requireNetwork } from './open-module.js';

const MANIFEST = 'pack.json';
const LARGEST_MANIFEST = 2 ** 20;
const shipped = fileURLToPath(new URL('../../models/', import.meta.url));

/** Names of the packs that come with the package. */
export async function shippedPacks(): Promise<string[]> {
  try {
    const entries = await readdir(shipped);
    const packs = await Promise.all(entries.map((name) => isFile(join(shipped, name, MANIFEST))));
    return entries.filter((_, index) => packs[index]).sort();
  } catch {
    return [];
  }
}

/**
 * Loads a pack from its folder, or a shipped one by its name, and checks every file against the
 * hash in its manifest.
 * @throws ModelError where there is no such pack, a file is missing, changed or damaged, or the
 * modules do not fit together.
 */
export async function loadPack(nameOrFolder: string): Promise<Pack> {
  const folder = await packFolder(nameOrFolder);
  const path = join(folder, MANIFEST);
  const manifest = parseManifest(parseJson(await read(path, LARGEST_MANIFEST), path), path);
  const load = async (role: keyof typeof manifest.modules): Promise<PackModule> => {
    const { file, sha256, ...entry } = manifest.modules[role];
    const bytes = await read(join(folder, file));
    const received = createHash('sha256').update(bytes).digest('hex');
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

async function packFolder(nameOrFolder: string): Promise<string> {
  const plain = /^[\w-]+$/.test(nameOrFolder);
  for (const folder of [nameOrFolder, ...(plain ? [join(shipped, nameOrFolder)] : [])])
    if (await isFile(join(folder, MANIFEST))) return folder;
  const names = (await shippedPacks()).join(', ') || 'none';
  throw new ModelError(nameOrFolder, `is no pack: neither a folder with ${MANIFEST} nor shipped`, {
    expected: `a folder, or one of: ${names}`,
    received: nameOrFolder,
  });
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

async function read(path: string, largest = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > largest) throw new ModelError(path, `is larger than ${largest} bytes`);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError(path, 'cannot be read', { cause });
  }
}

function parseJson(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new ModelError(path, 'is no JSON', { cause });
  }
}
