import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { readInputText } from '../../files/input-file.js';
import { type FileLock, type LockHolder, takeLock } from '../../files/lock-file.js';
import { makeFolder } from '../../files/output-file.js';
import { OWN_FILE, removeLeftovers, writeFileAtomic } from '../../files/write-atomic.js';
import { CancelledError, ModelError, ParameterError } from '../../utils/errors.js';
import { MAX_JSON_BYTES } from '../../utils/limits.js';
import {
  type CatalogueEntry,
  type HashKind,
  PLAIN_FILE,
} from '../../weights/catalogue/catalogue.js';
import {
  checkFile,
  type HashedFile,
  hashFile,
  refuseWebPage,
  requireFormat,
} from './check-file.js';
import { type DownloadTools, defaultPatience, download, type Patience } from './download.js';
import { type Fetch, webClient } from './http.js';
import { copyFile, PartialFile } from './partial-file.js';

export interface PullOptions {
  /** Where models are stored; see `storeFolder`. */
  readonly folder: string;
  /** A file to take instead of one from the network. */
  readonly from?: string;
  readonly signal?: AbortSignal;
  /** Bytes that are there, of how many; 0 of a total that is not known. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called once where another process is pulling the same model, which is waited for. */
  readonly onWait?: (holder: LockHolder) => void;
  /** Called with what makes a stored file or an address useless, before the next is tried. */
  readonly onTrouble?: (error: ModelError) => void;
  readonly fetch?: Fetch;
  readonly patience?: Patience;
}

/** A model in the store. */
export interface PulledModel extends HashedFile {
  readonly name: string;
  readonly path: string;
  /** `present` where it was stored already. */
  readonly how: 'present' | 'downloaded' | 'copied';
  /** The kinds of published hash that it agrees with; none where nobody published one. */
  readonly checked: readonly HashKind[];
}

const POLL = 200;

/**
 * Puts a published model into the store: downloads it, over interruptions and from where an
 * earlier call stopped, or copies `from`; checks size and hashes; and gives it its name only then.
 * Several processes may pull the same model at once: one does, the others wait for it.
 * @throws ParameterError for an entry whose file would lie elsewhere than in the store; ModelError
 * where it cannot be had or is not the file that was published, OutputError
 * where it cannot be stored, CancelledError; what has come by then is kept for the next call.
 */
export async function pullModel(entry: CatalogueEntry, options: PullOptions): Promise<PulledModel> {
  const { folder, onTrouble } = options;
  if (!PLAIN_FILE.test(entry.file))
    throw new ParameterError('entry.file', 'a plain file name', entry.file);
  const path = join(folder, entry.file);
  await makeFolder(folder);
  const lock = await waitForLock(`${path}.lock`, entry, options);
  try {
    await removeLeftovers(path, `${path}.json`, `${path}.partial.json`, `${path}.lock`);
    const present = await storedModel(entry, path, options).catch((error) => {
      if (!(error instanceof ModelError)) throw error;
      onTrouble?.(error);
      return undefined;
    });
    return present ?? (await fetchModel(entry, path, options));
  } finally {
    await lock.release();
  }
}

/**
 * The model of an entry, where it is stored under `path`, checked against its published hashes, or
 * where there are none, against what it was when it arrived.
 * @throws ModelError where it is damaged.
 */
export async function storedModel(
  entry: CatalogueEntry,
  path: string,
  options: Pick<PullOptions, 'signal' | 'onProgress'> = {},
): Promise<PulledModel | undefined> {
  const isFile = await stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
  if (!isFile) return undefined;
  const file = await hashFile(path, options);
  const checked = checkFile(entry, file, path);
  const record = await readRecord(path);
  if (record !== undefined && record.sha256 !== file.sha256)
    throw new ModelError(path, 'has changed since it was stored', {
      expected: `sha256 ${record.sha256}`,
      received: `sha256 ${file.sha256}`,
    });
  return { name: entry.name, path, how: 'present', checked, ...file };
}

async function fetchModel(
  entry: CatalogueEntry,
  path: string,
  options: PullOptions,
): Promise<PulledModel> {
  if (options.from !== undefined) return copied(entry, path, options.from, options);
  if (entry.manual)
    throw new ModelError(
      entry.name,
      `is offered only at ${entry.page}${entry.note === undefined ? '' : ` (${entry.note})`}; get it there and name the file with --from`,
    );
  const client = options.fetch === undefined ? await webClient() : undefined;
  const tools: DownloadTools = {
    fetch: options.fetch ?? client!.fetch,
    patience: options.patience ?? defaultPatience,
    signal: options.signal ?? new AbortController().signal,
    onProgress: options.onProgress ?? (() => undefined),
  };
  try {
    for (const [place, address] of entry.addresses.entries()) {
      try {
        return await downloaded(entry, path, address, tools);
      } catch (error) {
        const last = place === entry.addresses.length - 1;
        if (last || !(error instanceof ModelError)) throw error;
        options.onTrouble?.(error);
      }
    }
    throw new ModelError(entry.name, 'has no address');
  } finally {
    await client?.close();
  }
}

async function downloaded(
  entry: CatalogueEntry,
  path: string,
  address: string,
  tools: DownloadTools,
): Promise<PulledModel> {
  const partial = await PartialFile.find(`${path}.partial`);
  const resumed = partial.validatorAt(address) !== undefined;
  await download(address, entry, partial, tools);
  try {
    const file = await hashFile(partial.path, { signal: tools.signal });
    const checked = checkFile(entry, file, address);
    await requireFormat(entry, partial.path, address);
    await partial.finish(path);
    await writeRecord(path, entry, file, address);
    return { name: entry.name, path, how: 'downloaded', checked, ...file };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    await partial.discard();
    // The start may have been damaged long ago; a whole file that is wrong stays wrong.
    if (!resumed) throw error;
    return downloaded(entry, path, address, tools);
  }
}

async function copied(
  entry: CatalogueEntry,
  path: string,
  from: string,
  { signal, onProgress }: PullOptions,
): Promise<PulledModel> {
  const file = await hashFile(from, { signal, onProgress });
  await refuseWebPage(from, from);
  const checked = checkFile(entry, file, from);
  await requireFormat(entry, from, from);
  await copyFile(from, path, file);
  await writeRecord(path, entry, file, from);
  return { name: entry.name, path, how: 'copied', checked, ...file };
}

async function waitForLock(
  path: string,
  entry: CatalogueEntry,
  { signal, onWait }: PullOptions,
): Promise<FileLock> {
  for (let waited = false; ; waited = true) {
    const attempt = await takeLock(path);
    if ('lock' in attempt) return attempt.lock;
    if (!waited) onWait?.(attempt.holder);
    const cancelled = (): never => {
      throw new CancelledError(`pulling ${entry.name}`);
    };
    await delay(POLL, undefined, signal === undefined ? {} : { signal }).catch(cancelled);
  }
}

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
async function writeRecord(
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
    const result = recordSchema.safeParse(
      JSON.parse(await readInputText(`${path}.json`, MAX_JSON_BYTES)),
    );
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/** What tells where a user's data lies. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** The user's home folder; asked for only where nothing else says where data lies. */
  readonly home: string;
}

/**
 * The folder that pulled models are stored in: `models` in `$DP_IR_HOME`, otherwise in `dp-ir` in
 * the folder that the platform has for a user's data.
 * @throws ParameterError where none of these is known.
 */
export function storeFolder(
  surroundings: Surroundings = {
    environment: process.env,
    platform: process.platform,
    get home() {
      return homeFolder();
    },
  },
): string {
  const { environment } = surroundings;
  const own = environment.DP_IR_HOME;
  if (own !== undefined && own !== '') return join(own, 'models');
  return join(dataFolder(surroundings), 'dp-ir', 'models');
}

function dataFolder(from: Surroundings): string {
  const { environment, platform } = from;
  if (platform === 'darwin') return join(from.home, 'Library', 'Application Support');
  if (platform === 'win32') return environment.LOCALAPPDATA || join(from.home, 'AppData', 'Local');
  return environment.XDG_DATA_HOME || join(from.home, '.local', 'share');
}

function homeFolder(): string {
  try {
    return homedir();
  } catch {
    throw new ParameterError('DP_IR_HOME', 'a folder, since this user has no home', undefined);
  }
}
