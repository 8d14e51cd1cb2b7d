import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { StrayFile } from '../../datasets/dataset.js';
import { pairFiles } from '../../datasets/image-pairs.js';
import { listPictures, stem } from '../../datasets/list-folder.js';
import { InputError, ParameterError } from '../../tensor/errors.js';

/** A picture to judge, with its target where there is one. */
export interface PictureItem {
  readonly name: string;
  readonly test: string;
  readonly reference?: string;
}

/** What is to be measured, and files that have no partner or the name of another. */
export interface PictureItems {
  readonly items: readonly PictureItem[];
  readonly strays: readonly StrayFile[];
}

/**
 * The pictures of a file or folder, paired by name with those of the reference: equal names first,
 * then names that are equal without what tells of their part, such as `x4`.
 * @throws InputError where a path does not exist, ParameterError for a file beside a folder.
 */
export async function findItems(test: string, reference?: string): Promise<PictureItems> {
  const isFolder = await leadsToFolder(test);
  if (reference === undefined) {
    if (!isFolder) return { items: [{ name: stem(basename(test)), test }], strays: [] };
    const files = await listPictures(test);
    return { items: files.map((file) => ({ name: file, test: join(test, file) })), strays: [] };
  }
  if ((await leadsToFolder(reference)) !== isFolder)
    throw new ParameterError(
      '--reference',
      `a ${isFolder ? 'folder' : 'file'} like --test`,
      reference,
    );
  if (!isFolder) return { items: [{ name: stem(basename(test)), test, reference }], strays: [] };
  const { items, strays } = pairFiles(
    { folder: test, files: await listPictures(test) },
    { folder: reference, files: await listPictures(reference) },
  );
  return {
    items: items.map(({ name, inputs, target }) => ({
      name,
      test: inputs[0]!,
      reference: target!,
    })),
    strays,
  };
}

async function leadsToFolder(path: string): Promise<boolean> {
  const entry = await stat(path).catch((cause) => {
    throw new InputError(path, 'there is no such file or folder', { cause });
  });
  return entry.isDirectory();
}
