import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { sha256Of } from '../../files/fingerprint.js';
import { readWeights } from '../../files/input-file.js';
import { type CatalogueEntry, recognise } from '../../weights/catalogue/catalogue.js';
import { readRecord } from '../pull/stored-record.js';
import { readImportManifest } from './import-manifest.js';

/** Used where nobody is known to have said what one may do with weights. */
export const UNKNOWN_LICENCE = 'not known';

/** A file of weights with what is known of where it comes from. */
export interface ModelFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly entry: CatalogueEntry | undefined;
  readonly licence: string;
}

/**
 * Reads a file of weights and recognises it by its hash, or by what is noted beside it.
 * @throws ModelError where it cannot be read.
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const bytes = await readWeights(path);
  const sha256 = sha256Of(bytes);
  const gitBlob = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const entry = recognise(basename(path), { sha256, gitBlob });
  const noted = entry === undefined ? await notedLicence(path, sha256) : undefined;
  return { path, bytes, sha256, entry, licence: entry?.licence ?? noted ?? UNKNOWN_LICENCE };
}

/** The licence that is noted beside a file, where the note is of that very file. */
async function notedLicence(path: string, sha256: string): Promise<string | undefined> {
  const note = (await readImportManifest(path)) ?? (await readRecord(path));
  return note?.sha256 === sha256 ? note.licence : undefined;
}
