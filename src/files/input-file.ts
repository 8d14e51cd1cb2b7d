import { constants, existsSync, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { type ErrorCode, InputError, ModelError, systemCodeOf } from '../utils/errors.js';
import { MAX_ARRAY_BYTES, MIB } from '../utils/limits.js';

/** Bytes of one part of `chunks`. */
const CHUNK = MIB;

/** A device, pipe or socket where a file is expected. */
export class NotAFile extends Error {
  readonly code = 'ENOTFILE';
  /** @param what was found, such as `a pipe`. */
  constructor(what: string) {
    super(`this is ${what}, expected a file`);
  }
}

/** A file of more bytes than the reader accepts. */
export class BeyondBytes extends Error {
  readonly code = 'EBEYOND';
  /** Bytes that the file has at least. */
  readonly size: number;
  constructor(size: number, maxBytes: number) {
    super(`the file has ${size} bytes, expected at most ${maxBytes}`);
    this.size = size;
  }
}

/** A regular file, opened for reading. */
interface InputFile {
  /** Bytes that it had when it was opened. */
  readonly size: number;
  /**
   * A path of the open file for libraries that take paths; it never leads to another file that
   * replaced this one. `undefined` where the system has none.
   */
  readonly descriptorPath: string | undefined;
  /** Up to `length` bytes from `offset`; fewer at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /**
   * All bytes, including those appended since it was opened.
   * @throws BeyondBytes where there are more than `maxBytes`, whatever the size in its metadata.
   */
  bytes(maxBytes: number): Promise<Uint8Array>;
  /**
   * All bytes in parts, each valid until the next is requested.
   * @throws an Error where the file grows meanwhile, so that reading always ends; the
   * signal's reason.
   */
  chunks(signal?: AbortSignal): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

/** How a file is opened. */
interface InputOptions {
  /** Whether the name may be a link; default true. */
  readonly followLinks?: boolean;
}

/**
 * Opens a regular file, or a link to one, for reading. Devices, pipes and sockets are refused at
 * once: their size says nothing, and reading them may never end. The type is checked again after
 * opening, in case the file was replaced in between.
 * @throws NotAFile, or what the file system throws; `unreadableInput` turns both into an InputError.
 * @example
 * const file = await openInput('image.png');
 * const head = await file.read(0, 64);
 * await file.close();
 */
export async function openInput(
  path: string,
  { followLinks = true }: InputOptions = {},
): Promise<InputFile> {
  // Opening a device may do something, such as rewinding a tape.
  if (followLinks) requireFile(await stat(path));
  // Systems without these flags do not have the problem that they prevent.
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0, O_NOCTTY = 0 } = constants;
  const flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | (followLinks ? 0 : O_NOFOLLOW);
  const handle = await open(path, flags);
  try {
    const facts = await handle.stat();
    requireFile(facts);
    return inputFile(handle, facts.size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * The bytes of a regular file.
 * @throws BeyondBytes where it has more than `maxBytes`, and as `openInput`.
 */
export async function readInput(
  path: string,
  maxBytes: number,
  options?: InputOptions,
): Promise<Uint8Array> {
  const file = await openInput(path, options);
  try {
    return await file.bytes(maxBytes);
  } finally {
    await file.close();
  }
}

/** As `readInput`, decoded from UTF-8. */
export async function readInputText(
  path: string,
  maxBytes: number,
  options?: InputOptions,
): Promise<string> {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    await readInput(path, maxBytes, options),
  );
}

/**
 * The bytes of a regular file in parts, each valid until the next is asked for.
 * @throws BeyondBytes where it has more than `maxBytes`, and as `openInput` and `chunks`.
 */
export async function* inputChunks(
  path: string,
  {
    maxBytes = Number.POSITIVE_INFINITY,
    signal,
  }: { readonly maxBytes?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Uint8Array> {
  const file = await openInput(path);
  try {
    if (file.size > maxBytes) throw new BeyondBytes(file.size, maxBytes);
    yield* file.chunks(signal);
  } finally {
    await file.close();
  }
}

/** @throws NotAFile, or for a folder as reading it would. */
function requireFile(facts: Stats): void {
  if (facts.isFile()) return;
  if (facts.isDirectory())
    throw Object.assign(new Error('EISDIR: illegal operation on a directory'), { code: 'EISDIR' });
  if (facts.isFIFO()) throw new NotAFile('a pipe');
  if (facts.isSocket()) throw new NotAFile('a socket');
  throw new NotAFile('a device');
}

function inputFile(handle: FileHandle, size: number): InputFile {
  const fill = async (target: Uint8Array, offset: number): Promise<number> => {
    let done = 0;
    while (done < target.length) {
      const count = Math.min(target.length - done, 2 ** 30);
      const { bytesRead } = await handle.read(target, done, count, offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  };
  const named = `/proc/self/fd/${handle.fd}`;
  return {
    size,
    descriptorPath: existsSync(named) ? named : undefined,
    read: async (offset, length) => {
      const part = new Uint8Array(length);
      return part.subarray(0, await fill(part, offset));
    },
    bytes: async (maxBytes) => {
      const most = Math.min(maxBytes, MAX_ARRAY_BYTES);
      if (size > most) throw new BeyondBytes(size, most);
      let bytes = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
      let length = await fill(bytes, 0);
      for (;;) {
        const more = new Uint8Array(Math.min(CHUNK, most + 1 - length));
        const count = await fill(more, length);
        if (count === 0) break;
        length += count;
        if (length > most) throw new BeyondBytes(length, most);
        const longer = new Uint8Array(length);
        longer.set(bytes.subarray(0, length - count));
        longer.set(more.subarray(0, count), length - count);
        bytes = longer;
      }
      return length === bytes.length ? bytes : bytes.slice(0, length);
    },
    chunks: async function* (signal) {
      const buffer = new Uint8Array(Math.min(CHUNK, Math.max(1, size)));
      for (let done = 0; done < size; ) {
        signal?.throwIfAborted();
        const wanted = buffer.subarray(0, Math.min(buffer.length, size - done));
        const count = await fill(wanted, done);
        if (count === 0) return;
        done += count;
        yield wanted.subarray(0, count);
      }
      if ((await fill(buffer.subarray(0, 1), size)) > 0)
        throw new Error('the file grew while it was read');
    },
    close: () => handle.close(),
  };
}

/** What Node decodes bytes of a name to that are not UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * Why a file or folder could not be read, as a sentence that follows its name.
 * @param cause what the file system threw.
 * @param what was to be read.
 */
export function whyUnreadable(cause: unknown, what: 'file' | 'folder' = 'file'): string {
  switch (systemCodeOf(cause)) {
    case 'ENOENT':
      return (cause as NodeJS.ErrnoException).path?.includes(REPLACEMENT)
        ? `the ${what} does not exist, or its name is not UTF-8: give it another name`
        : `the ${what} does not exist`;
    case 'ENOTDIR':
      return what === 'file' ? 'the file does not exist' : 'this is not a folder';
    case 'EISDIR':
      return 'this is a folder, expected a file';
    case 'EACCES':
    case 'EPERM':
      return `the ${what} cannot be read: permission denied`;
    case 'ENOTFILE':
    case 'EBEYOND':
      return (cause as Error).message;
    case 'ENXIO':
      return 'this is a socket or a device, expected a file';
    case 'ELOOP':
      return `the ${what} is a link, or a circle of links`;
    default:
      return `the ${what} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`;
  }
}

/** The error for an image, data file or folder that could not be read. @param cause what the file system threw. */
export function unreadableInput(
  path: string,
  cause: unknown,
  what?: 'file' | 'folder',
): InputError {
  return new InputError(path, whyUnreadable(cause, what), readFailure(cause));
}

/** As `unreadableInput`, for weights and other files of models. */
export function unreadableModel(
  path: string,
  cause: unknown,
  what?: 'file' | 'folder',
): ModelError {
  return new ModelError(path, whyUnreadable(cause, what), readFailure(cause));
}

function readFailure(cause: unknown) {
  const systemCode = systemCodeOf(cause);
  return { cause, code: readCode(systemCode), ...(systemCode === undefined ? {} : { systemCode }) };
}

function readCode(systemCode: string | undefined): ErrorCode<'input'> & ErrorCode<'model'> {
  switch (systemCode) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'file-not-found';
    case 'EISDIR':
    case 'ENOTFILE':
    case 'ENXIO':
    case 'ELOOP':
      return 'not-a-file';
    case 'EBEYOND':
      return 'file-too-large';
    default:
      return 'file-unreadable';
  }
}

/**
 * The bytes of a file of weights or of another file of a model.
 * @param maxBytes largest file that is read; default 2 GiB.
 * @throws ModelError where it cannot be read, is not a regular file, or is larger.
 */
export async function readWeights(path: string, maxBytes = MAX_ARRAY_BYTES): Promise<Uint8Array> {
  return readInput(path, maxBytes).catch((cause) => {
    throw unreadableModel(path, cause);
  });
}

/** Whether a path, or what a link there leads to, is a file. */
export function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

/** Whether a path, or what a link there leads to, is a folder. */
export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}
