import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PackManifest, parseManifest } from '../../restoration/index.js';
import { ModelError } from '../../tensor/errors.js';

const MANIFEST = 'pack.json';
const shipped = fileURLToPath(new URL('../../../models/', import.meta.url));

/** A pack on the disk, its modules not read. */
export interface PackFolder {
  readonly folder: string;
  readonly manifest: PackManifest;
}

/**
 * The pack in a folder, or a shipped one of a name; `undefined` where there is none.
 * @throws ModelError where its manifest is damaged.
 */
export async function findPack(nameOrFolder: string): Promise<PackFolder | undefined> {
  const plain = /^[\w-]+$/.test(nameOrFolder);
  for (const folder of [nameOrFolder, ...(plain ? [join(shipped, nameOrFolder)] : [])]) {
    const path = join(folder, MANIFEST);
    const isFile = await stat(path).then(
      (entry) => entry.isFile(),
      () => false,
    );
    if (isFile) return { folder, manifest: await readManifest(path) };
  }
  return undefined;
}

async function readManifest(path: string): Promise<PackManifest> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new ModelError(path, 'cannot be read as JSON', { cause });
  }
  return parseManifest(json, path);
}
