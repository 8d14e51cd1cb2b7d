import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { whyUnreadable } from '../files/unreadable.js';
import { InputError } from '../tensor/errors.js';
import { compareNames, isPictureName } from './names.js';

/** What lies directly in a folder, each list in the order of names; hidden entries are left out. */
export interface FolderContent {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/**
 * Lists a folder; links count as what they lead to, and those that lead nowhere as files.
 * @throws InputError where the folder cannot be read.
 */
export async function listFolder(folder: string): Promise<FolderContent> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new InputError(folder, whyUnreadable(cause, 'folder'), { cause });
  }
  const folders: string[] = [];
  const files: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    if (await leadsToFolder(folder, entry)) folders.push(entry.name);
    else if (entry.isFile() || entry.isSymbolicLink()) files.push(entry.name);
  }
  return { folders: folders.sort(compareNames), files: files.sort(compareNames) };
}

/** The content of a folder, empty where there is no such folder. */
export async function listIfFolder(folder: string): Promise<FolderContent> {
  const entry = await stat(folder).catch(() => undefined);
  return entry?.isDirectory() ? listFolder(folder) : { folders: [], files: [] };
}

/**
 * The pictures of a folder and of all folders in it, as paths below it with forward slashes, in the
 * order of names, folder by folder. A folder that links lead to again is listed once.
 */
export async function listPictures(folder: string): Promise<string[]> {
  const found: string[] = [];
  const visited = new Set<string>();
  const visit = async (below: string): Promise<void> => {
    const place = join(folder, below);
    const identity = await realpath(place).catch(() => place);
    if (visited.has(identity)) return;
    visited.add(identity);
    const { folders, files } = await listFolder(place);
    for (const name of files) if (isPictureName(name)) found.push(`${below}${name}`);
    for (const name of folders) await visit(`${below}${name}/`);
  };
  await visit('');
  return found;
}

async function leadsToFolder(folder: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  const target = await stat(join(folder, entry.name)).catch(() => undefined);
  return target?.isDirectory() ?? false;
}
