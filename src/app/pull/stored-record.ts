import { z } from 'zod';
import { readInputText } from '../../files/input-file.js';
import { OWN_FILE, writeFileAtomic } from '../../files/write-atomic.js';
import type { CatalogueEntry } from '../../weights/catalogue/catalogue.js';
import type { HashedFile } from './file-hashes.js';

const recordSchema = z.object({
  format: z.literal('dp-ir-model'),
  version: z.literal(1),
  name: z.string(),
  file: z.string(),
  /** The address it came from, or the file that it was copied from. */
  from: z.string(),
  licence: z.string(),
  page: z.string(),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  gitBlob: z.string().regex(/^[0-9a-f]{40}$/),
});

/** What is noted beside a stored model when it arrives. */
export type StoredRecord = z.infer<typeof recordSchema>;

/** Notes beside a stored file what it was when it arrived. */
export async function writeRecord(
  path: string,
  { name, file, licence, page }: Pick<CatalogueEntry, 'name' | 'file' | 'licence' | 'page'>,
  { bytes, sha256, gitBlob }: HashedFile,
  from: string,
): Promise<void> {
  const record: StoredRecord = {
    format: 'dp-ir-model',
    version: 1,
    name,
    file,
    from,
    licence,
    page,
    bytes,
    sha256,
    gitBlob,
  };
  const text = `${JSON.stringify(record, null, 2)}\n`;
  await writeFileAtomic(`${path}.json`, new TextEncoder().encode(text), OWN_FILE);
}

/** What was noted beside a stored file; `undefined` where nothing usable was. */
export async function readRecord(path: string): Promise<StoredRecord | undefined> {
  try {
    const result = recordSchema.safeParse(JSON.parse(await readInputText(`${path}.json`, 2 ** 20)));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
