import { readdir, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileDigest, sha256Of } from '../files/digest.js';
import {
  BeyondBytes,
  isFile,
  readInput,
  readWeights,
  unreadableModel,
} from '../files/input-file.js';
import {
  joinPack,
  type Pack,
  type PackManifest,
  type PackModule,
  parseManifest,
  requireNetwork,
} from '../restoration/index.js';
import { ModelError } from '../utils/errors.js';
import { MAX_JSON_BYTES } from '../utils/limits.js';
import { decodeModule } from '../weights/module-file.js';
import { defineOnnxModule } from '../weights/onnx/onnx-module.js';
import { fileOf, type ModuleRole, type ModuleSource, statementOf } from './open-module.js';

/**
 * Loads a pack from its folder, or a shipped one by its name, and checks every file against the
 * hash in its manifest.
 * @throws ModelError where there is no such pack, a file is missing, changed or damaged, or the
 * modules do not fit together.
 * @example
 * const { manifest } = await loadPack('sr4');
 * console.log(manifest.task, manifest.scale);
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
    if ('contract' in entry && entry.contract !== undefined) {
      const { decodeOnnx } = await import('../weights/onnx/decode-onnx.js');
      return defineOnnxModule(decodeOnnx(bytes, join(folder, file)), entry.contract);
    }
    return decodeModule(bytes, join(folder, file));
  };
  const [restorer, denoiser, fusion] = await Promise.all([
    load('restorer'),
    load('denoiser'),
    load('fusion'),
  ]);
  return joinPack(manifest, { restorer, denoiser, fusion: requireNetwork(fusion) }, path);
}

/**
 * The true path of a file of a pack, whose links may not lead out of the pack: what is packed up with
 * links to files of whoever unpacks it must not read these.
 * @param file as its manifest names it: NAME in the pack's folder, or ../FOLDER/NAME in one beside it.
 * @throws ModelError where it is missing or lies elsewhere.
 */
export async function packFile(folder: string, file: string): Promise<string> {
  const named = join(folder, file);
  try {
    const home = await realpath(folder);
    const allowed = dirname(join(home, file));
    const place = await realpath(named);
    if (place.startsWith(allowed.endsWith(sep) ? allowed : `${allowed}${sep}`)) return place;
  } catch (cause) {
    throw unreadableModel(named, cause);
  }
  throw new ModelError(named, 'is a link that leads out of the pack, expected a file in it');
}

/** Changes whenever the same modules and settings would give other pixels. */
export const PIXELS_VERSION = 1;

/**
 * What the pixels of a pack's results depend on of one of its modules: the hash of its weights, or
 * of those that take their place with what is stated of them.
 * @throws InputError where a file is missing, ModelError for a damaged statement.
 */
export async function moduleDigest(
  manifest: PackManifest,
  role: ModuleRole,
  source: ModuleSource | undefined,
): Promise<string | object> {
  if (source === undefined) return manifest.modules[role].sha256;
  return { bytes: await fileDigest(fileOf(source)), contract: await statementOf(source) };
}

const MANIFEST = 'pack.json';
const shipped = fileURLToPath(new URL('../../models/', import.meta.url));

/** A pack on the disk, its modules not read. */
export interface PackFolder {
  readonly folder: string;
  /** The manifest's path. */
  readonly path: string;
  readonly manifest: PackManifest;
}

/**
 * Names of the packs that come with the package.
 * @example
 * console.log(await shippedPacks()); // [ 'burst', 'deblur', 'sr4' ]
 */
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
 * The pack in a folder, or a shipped one of a name; `undefined` where there is none.
 * @throws ModelError where its manifest is damaged.
 */
export async function findPack(nameOrFolder: string): Promise<PackFolder | undefined> {
  const plain = /^[\w-]+$/.test(nameOrFolder);
  for (const folder of [nameOrFolder, ...(plain ? [join(shipped, nameOrFolder)] : [])]) {
    const path = join(folder, MANIFEST);
    if (await isFile(path)) return { folder, path, manifest: await readManifest(folder, path) };
  }
  return undefined;
}

/**
 * The pack in a folder, or a shipped one of a name.
 * @throws ModelError where there is none, or its manifest is damaged.
 */
export async function requirePack(nameOrFolder: string): Promise<PackFolder> {
  const found = await findPack(nameOrFolder);
  if (found !== undefined) return found;
  const names = (await shippedPacks()).join(', ') || 'none';
  throw new ModelError(nameOrFolder, `is no pack: neither a folder with ${MANIFEST} nor shipped`, {
    expected: `a folder, or one of: ${names}`,
    received: nameOrFolder,
  });
}

async function readManifest(folder: string, path: string): Promise<PackManifest> {
  try {
    const bytes = await readInput(await packFile(folder, MANIFEST), MAX_JSON_BYTES);
    return parseManifest(parseJson(new TextDecoder().decode(bytes), path), path);
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    if (cause instanceof BeyondBytes)
      throw new ModelError(path, `is larger than ${MAX_JSON_BYTES} bytes`, { cause });
    throw unreadableModel(path, cause);
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError(path, 'is not JSON', { cause });
  }
}
