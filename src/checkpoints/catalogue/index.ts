import { bursts } from './bursts.js';
import {
  type CatalogueEntry,
  catalogueEntrySchema,
  type PublishedHash,
} from './catalogue-entry.js';
import { deblurring } from './deblurring.js';
import { denoisers } from './denoisers.js';
import { metrics } from './metrics.js';
import { rrdb } from './rrdb.js';
import { swinir } from './swinir.js';

export type { CatalogueEntry, HashKind, PublishedHash } from './catalogue-entry.js';
export { PLAIN_FILE } from './catalogue-entry.js';

/** The published weights that are known by name. A new one is added to one of the lists. */
export const catalogue: readonly CatalogueEntry[] = [
  ...swinir,
  ...rrdb,
  ...deblurring,
  ...bursts,
  ...denoisers,
  ...metrics,
].map((record) => catalogueEntrySchema.parse(record));

/** The entry of a name. */
export function findEntry(name: string): CatalogueEntry | undefined {
  return catalogue.find((entry) => entry.name === name);
}

/** The hashes of one file; those that are not computed are left out. */
export interface FileHashes {
  /** 64 hexadecimal digits. */
  readonly sha256?: string;
  /** 40 hexadecimal digits: what git calls the file. */
  readonly gitBlob?: string;
}

/** Whether a file can be what a hash was published of; `undefined` where its own is not known. */
export function agrees(hash: PublishedHash, file: FileHashes): boolean | undefined {
  const own = hash.kind === 'git-blob' ? file.gitBlob : file.sha256;
  return own?.startsWith(hash.value);
}

/**
 * The entry that a file is, by its hashes; by its name only where the entry has no hash that could
 * say otherwise.
 * @param fileName the name without its folder.
 */
export function recognise(fileName: string, hashes: FileHashes): CatalogueEntry | undefined {
  return (
    catalogue.find((entry) => entry.hashes.some((hash) => agrees(hash, hashes) === true)) ??
    catalogue.find((entry) => entry.file === fileName && entry.hashes.length === 0)
  );
}
