import { type FileHandle, lstat, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inputChunks, readInputText, unreadableModel } from '../../files/input-file.js';
import { openAnew, openToUpdate } from '../../files/output-file.js';
import { OWN_FILE, renameDurably, unwritable, writeFileAtomic } from '../../files/write-atomic.js';
import { ModelError, OutputError } from '../../utils/errors.js';
import { type HashedFile, hashFile } from './check-file.js';

/** Where a partial file comes from. */
interface Origin {
  readonly address: string;
  /** What the server tells versions of the file apart by: an ETag or a date. */
  readonly validator: string;
}

/**
 * The first bytes of a file that is still to come, kept on the disk over processes, with the
 * origin that may send the rest.
 */
export class PartialFile {
  readonly path: string;
  #handle: FileHandle | undefined;
  #length: number;
  #origin: Origin | undefined;

  private constructor(path: string, length: number, origin: Origin | undefined) {
    this.path = path;
    this.#length = length;
    this.#origin = origin;
  }

  /** The partial file of a path, empty where there is none. */
  static async find(path: string): Promise<PartialFile> {
    const length = await lstat(path).then(
      // What somebody else put here, such as a link to a file of theirs, is no beginning.
      (facts) => (facts.isFile() && facts.nlink === 1 ? facts.size : 0),
      () => 0,
    );
    const origin = length === 0 ? undefined : await readOrigin(originPath(path));
    return new PartialFile(path, length, origin);
  }

  /** Bytes that are there. */
  get length(): number {
    return this.#length;
  }

  /** The validator that the rest can be asked for with, where this address sent the start. */
  validatorAt(address: string): string | undefined {
    return this.#length > 0 && this.#origin?.address === address
      ? this.#origin.validator
      : undefined;
  }

  /** Throws away what is there and begins anew. Without a validator it cannot be continued later. */
  async restart(address: string, validator: string | undefined): Promise<void> {
    await this.#guarded(async () => {
      await this.#handle?.close();
      this.#handle = undefined;
      await rm(originPath(this.path), { force: true });
      this.#handle = await openAnew(this.path);
      this.#length = 0;
    });
    this.#origin = validator === undefined ? undefined : { address, validator };
    if (this.#origin === undefined) return;
    const text = JSON.stringify(this.#origin);
    await writeFileAtomic(originPath(this.path), new TextEncoder().encode(text), OWN_FILE);
  }

  /** @throws OutputError where the disk is full or cannot be written. */
  async append(chunk: Uint8Array): Promise<void> {
    await this.#guarded(async () => {
      this.#handle ??= await openToUpdate(this.path);
      let written = 0;
      while (written < chunk.length) {
        const { bytesWritten } = await this.#handle.write(
          chunk,
          written,
          chunk.length - written,
          this.#length,
        );
        written += bytesWritten;
        this.#length += bytesWritten;
      }
    });
  }

  /** Flushes what is there to the disk. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle === undefined) return;
    // What was written counts even where a device cannot be flushed.
    await handle.sync().catch(() => undefined);
    await handle.close();
  }

  /** Removes it and what is known of its origin. */
  async discard(): Promise<void> {
    await this.close();
    this.#length = 0;
    this.#origin = undefined;
    await rm(this.path, { force: true });
    await rm(originPath(this.path), { force: true });
  }

  /** Makes it the finished file. */
  async finish(path: string): Promise<void> {
    await this.#guarded(async () => {
      this.#handle ??= await openToUpdate(this.path);
      await this.#handle.sync();
      await this.close();
      await renameDurably(this.path, path);
      await rm(originPath(this.path), { force: true });
    });
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }
}

function originPath(path: string): string {
  return `${path}.json`;
}

async function readOrigin(path: string): Promise<Origin | undefined> {
  try {
    const { address, validator } = JSON.parse(await readInputText(path, 2 ** 16));
    if (typeof address === 'string' && typeof validator === 'string') return { address, validator };
  } catch {
    // A partial file of unknown origin is begun anew.
  }
  return undefined;
}

/**
 * Makes sure that the disk of a file has room for more bytes; a disk that does not tell passes.
 * @throws OutputError with both figures.
 */
export async function requireSpace(path: string, bytes: number): Promise<void> {
  const disk = await statfs(dirname(path)).catch(() => undefined);
  if (disk === undefined || disk.blocks === 0) return;
  const free = disk.bavail * disk.bsize;
  if (free < bytes)
    throw new OutputError(path, `needs ${bytes} bytes, and the disk has ${free} left`, {
      expected: `${bytes} bytes of free space`,
      received: `${free} bytes`,
    });
}

/**
 * Copies a file whose hashes are known, so that its new name shows all of it or nothing.
 * @throws OutputError where it cannot be written, ModelError where it changed meanwhile.
 */
export async function copyFile(from: string, to: string, expected: HashedFile): Promise<void> {
  const copy = await PartialFile.find(`${to}.copy`);
  await requireSpace(copy.path, expected.bytes);
  try {
    await copy.restart(from, undefined);
    for await (const chunk of readable(from)) await copy.append(chunk);
    const received = await hashFile(copy.path);
    if (received.sha256 !== expected.sha256)
      throw new ModelError(from, 'changed while it was copied');
    await copy.finish(to);
  } finally {
    await copy.discard();
  }
}

async function* readable(from: string): AsyncGenerator<Uint8Array> {
  try {
    yield* inputChunks(from);
  } catch (cause) {
    throw unreadableModel(from, cause);
  }
}
