import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BeyondBytes, readInput, whyUnreadable } from '../../files/input-file.js';
import { type PackManifest, parseManifest } from '../../restoration/index.js';
import { ModelError } from '../../tensor/errors.js';
import { packFile } from './pack-file.js';

const MANIFEST = 'pack.json';
const LARGEST_MANIFEST = 2 ** 20;
const shipped = fileURLToPath(new URL('../../../models/', import.meta.url));

/** A pack on the disk, its modules not read. */
export interface PackFolder {
  readonly folder: string;
  /** The manifest's path. */
  readonly path: string;
  readonly manifest: PackManifest;
}

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

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

async function readManifest(folder: string, path: string): Promise<PackManifest> {
  try {
    const bytes = await readInput(await packFile(folder, MANIFEST), LARGEST_MANIFEST);
    return parseManifest(parseJson(new TextDecoder().decode(bytes), path), path);
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    if (cause instanceof BeyondBytes)
      throw new ModelError(path, `is larger than ${LARGEST_MANIFEST} bytes`, { cause });
    throw new ModelError(path, whyUnreadable(cause), { cause });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError(path, 'is no JSON', { cause });
  }
}
