import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isFile } from '../files/input-file.js';
import { ModelError } from '../utils/errors.js';
import { catalogue, recognise } from '../weights/catalogue/catalogue.js';
import { findModel } from './export-model.js';
import { readImportManifest } from './import-model.js';
import { findPack, type PackFolder, packFile, shippedPacks } from './packs.js';
import { checkFile, hashFile } from './pull/check-file.js';
import { readRecord } from './pull/pull-model.js';

/** What came of hashing one file again. */
export interface VerifiedFile {
  readonly path: string;
  /** The model or pack that it belongs to. */
  readonly name: string;
  /** `unknown` where nothing says what the file should be. */
  readonly state: 'ok' | 'damaged' | 'unknown';
  readonly sha256?: string;
  /** What it was compared with, or why it is not what it should be. */
  readonly detail: string;
}

/**
 * Hashes files again and compares them with what was published, noted when they were stored or
 * imported, or stated by their pack.
 * @param names models of the catalogue, files, packs; all that is stored or shipped where empty.
 * @param folder where models are stored.
 * @throws ModelError where a name is none of these, CancelledError.
 */
export async function* verifyModels(
  names: readonly string[],
  folder: string,
  signal?: AbortSignal,
): AsyncGenerator<VerifiedFile> {
  for (const name of names.length > 0 ? names : await everything(folder)) {
    const pack = await findPack(name);
    if (pack !== undefined) yield* verifyPack(pack, signal);
    else yield await verifyFile(await findModel(name, folder), signal);
  }
}

async function everything(folder: string): Promise<string[]> {
  const files = (await readdir(folder).catch(() => [] as string[])).sort();
  const published = new Set(catalogue.map(({ file }) => file));
  const noted = new Set(files);
  const stored = files
    .filter((file) => published.has(file) || noted.has(`${file}.json`))
    .filter((file) => !file.endsWith('.partial'))
    .map((file) => join(folder, file));
  return [...(await shippedPacks()), ...stored];
}

async function* verifyPack(
  { folder, manifest }: PackFolder,
  signal: AbortSignal | undefined,
): AsyncGenerator<VerifiedFile> {
  for (const [role, { file, sha256 }] of Object.entries(manifest.modules)) {
    const path = join(folder, file);
    const name = `${manifest.name}, ${role}`;
    if (!(await isFile(path))) {
      yield { path, name, state: 'damaged', detail: 'is missing' };
      continue;
    }
    const place = await packFile(folder, file).catch((error: ModelError) => error);
    if (typeof place !== 'string') {
      yield { path, name, state: 'damaged', detail: place.reason };
      continue;
    }
    const hashed = await hashFile(place, { signal });
    const same = hashed.sha256 === sha256;
    yield {
      path,
      name,
      state: same ? 'ok' : 'damaged',
      sha256: hashed.sha256,
      detail: same ? 'as the pack states' : `expected sha256 ${sha256}`,
    };
  }
}

async function verifyFile(path: string, signal: AbortSignal | undefined): Promise<VerifiedFile> {
  const file = await hashFile(path, { signal });
  const record = await readRecord(path);
  const note = record ?? (await readImportManifest(path));
  const entry =
    catalogue.find(({ file: published }) => published === basename(path)) ??
    recognise(basename(path), file);
  const found = { path, name: entry?.name ?? basename(path), sha256: file.sha256 };
  if (entry !== undefined) {
    try {
      checkFile(entry, file, path);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      const detail = error.reason;
      return { ...found, state: 'damaged', detail };
    }
  }
  if (note !== undefined && note.sha256 !== file.sha256)
    return { ...found, state: 'damaged', detail: `expected sha256 ${note.sha256}, as noted` };
  if (entry !== undefined && entry.hashes.length > 0)
    return { ...found, state: 'ok', detail: `as published (${kindsOf(entry.hashes)})` };
  if (note !== undefined) return { ...found, state: 'ok', detail: 'as noted when it was written' };
  return { ...found, state: 'unknown', detail: 'nobody says what it should be' };
}

function kindsOf(hashes: readonly { readonly kind: string }[]): string {
  return hashes.map(({ kind }) => kind).join(', ');
}
