import { z } from 'zod';
import { metrics } from './metrics.js';
import { bursts, deblurring, denoisers, rrdb, swinir } from './restorers.js';

/** The entry of a name. */
export function findEntry(name: string): CatalogueEntry | undefined {
  return catalogue.find((entry) => entry.name === name);
}

/** The hashes of one file; those that are not computed are left out. */
interface FileHashes {
  /** 64 hexadecimal digits. */
  readonly sha256?: string;
  /** 40 hexadecimal digits: what git calls the file. */
  readonly gitBlob?: string;
}

/** Whether a file matches a published hash; `undefined` where the file's hash of that kind is unknown. */
export function matchesHash(hash: PublishedHash, file: FileHashes): boolean | undefined {
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
    catalogue.find((entry) => entry.hashes.some((hash) => matchesHash(hash, hashes) === true)) ??
    catalogue.find((entry) => entry.file === fileName && entry.hashes.length === 0)
  );
}

/** What a published file is for: one of the three modules, a metric, or a part of a metric. */
const catalogueRoles = ['restorer', 'denoiser', 'metric', 'metric-part'] as const;

const hexadecimal: Readonly<Record<HashKind, RegExp>> = {
  sha256: /^[0-9a-f]{64}$/,
  'sha256-prefix': /^[0-9a-f]{8,63}$/,
  'git-blob': /^[0-9a-f]{40}$/,
};

/**
 * `sha256` of the whole file; `sha256-prefix`, its first digits, as torch-hub puts them into file
 * names; `git-blob`, the SHA-1 by which git knows a file: of `blob SIZE\0` and the content.
 */
export type HashKind = 'sha256' | 'sha256-prefix' | 'git-blob';

const hashSchema = z
  .strictObject({
    kind: z.enum(['sha256', 'sha256-prefix', 'git-blob']),
    value: z.string(),
    /** Source of the hash. */
    source: z.string().min(1),
  })
  .refine(({ kind, value }) => hexadecimal[kind].test(value), 'is not a hash of its kind');

const address = z.string().regex(/^https:\/\/[\w.-]+\/[^\s<>"]*$/, 'expected an https address');

/** The name of a file that lies in no other folder, and is not hidden. */
export const PLAIN_FILE = /^[\w-][\w.-]*$/;

export const catalogueEntrySchema = z
  .strictObject({
    /** How the commands name it. */
    name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected kebab-case'),
    /** One line on what it is. */
    title: z.string().min(1),
    /** The architecture, by the name that this package gives it. */
    network: z.string().min(1),
    role: z.enum(catalogueRoles),
    /** The name under which the file is stored. */
    file: z.string().regex(PLAIN_FILE, 'expected a plain file name'),
    /** Addresses of the file, the best first; empty where it is `manual`. */
    addresses: z.array(address),
    /** The page on which its authors offer it. */
    page: address,
    /** Offered only where a program cannot fetch it, such as in a shared drive. */
    manual: z.boolean().default(false),
    /** SPDX name as published, or `not stated`. */
    licence: z.string().min(1),
    bytes: z.int().positive().optional(),
    /** Each of them must hold; empty where nobody is known to have published one. */
    hashes: z.array(hashSchema),
    /** What else a user needs to know. */
    note: z.string().optional(),
  })
  .refine(
    ({ manual, addresses }) => manual === (addresses.length === 0),
    'either has addresses or is manual',
  );

/** A file of weights that somebody has published. */
export type CatalogueEntry = z.infer<typeof catalogueEntrySchema>;

/** An entry as it is written down, before defaults. */
export type CatalogueRecord = z.input<typeof catalogueEntrySchema>;

/** A hash of a file and what is known of it. */
export type PublishedHash = CatalogueEntry['hashes'][number];

/** The published weights that are known by name. A new one is added to one of the lists. */
export const catalogue: readonly CatalogueEntry[] = [
  ...swinir,
  ...rrdb,
  ...deblurring,
  ...bursts,
  ...denoisers,
  ...metrics,
].map((record) => catalogueEntrySchema.parse(record));
