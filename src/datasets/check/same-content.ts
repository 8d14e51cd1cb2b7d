import { createHash } from 'node:crypto';
import { inputChunks } from '../../files/input-file.js';
import { InputError } from '../../tensor/errors.js';
import { inParallel } from './in-parallel.js';

/** A file of the data set with the place of its item. */
export interface SizedFile {
  readonly place: number;
  readonly file: string;
  readonly bytes: number;
}

/**
 * Finds files of equal content. Only those of equal length are read, and hashed in passing.
 * @param found called for every file but the first of equal ones, with that first.
 */
export async function findSameContent(
  files: readonly SizedFile[],
  workers: number,
  found: (file: SizedFile, first: SizedFile) => void,
  signal?: AbortSignal,
): Promise<void> {
  const ordered = [...files].sort((left, right) => left.place - right.place);
  const sizes = new Map<number, number>();
  for (const { bytes } of ordered) sizes.set(bytes, (sizes.get(bytes) ?? 0) + 1);
  const alike = ordered.filter(({ bytes }) => sizes.get(bytes)! > 1);
  const hashes = new Array<string>(alike.length);
  await inParallel(
    alike.length,
    workers,
    async (index) => {
      hashes[index] = await hashOf(alike[index]!.file);
    },
    signal,
  );
  const first = new Map<string, SizedFile>();
  alike.forEach((file, index) => {
    const known = first.get(hashes[index]!);
    if (known === undefined) first.set(hashes[index]!, file);
    else found(file, known);
  });
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const part of inputChunks(file)) hash.update(part);
  } catch (cause) {
    throw new InputError(file, 'can no longer be read', { cause });
  }
  return hash.digest('base64');
}
