import { createHash } from 'node:crypto';
import { openInput, unreadableModel } from '../../files/input-file.js';
import { CancelledError, ModelError } from '../../utils/errors.js';
import {
  type CatalogueEntry,
  type HashKind,
  matchesHash,
} from '../../weights/catalogue/catalogue.js';
import { checkpointFormat } from '../../weights/load-checkpoint.js';

/** What of a catalogue entry tells its file from others. */
export type ExpectedFile = Pick<CatalogueEntry, 'bytes' | 'hashes'>;

/**
 * Checks a file's size and hashes against what was published.
 * @param subject what messages call the file.
 * @returns the kinds of hash that it passed; none where none was published.
 * @throws ModelError that says what was expected and what is there.
 */
export function checkFile(expected: ExpectedFile, file: HashedFile, subject: string): HashKind[] {
  if (expected.bytes !== undefined && file.bytes !== expected.bytes)
    throw new ModelError(subject, `has ${file.bytes} bytes, expected ${expected.bytes}`, {
      expected: `${expected.bytes} bytes`,
      received: `${file.bytes} bytes`,
    });
  for (const hash of expected.hashes) {
    if (matchesHash(hash, file) === true) continue;
    const received = hash.kind === 'git-blob' ? file.gitBlob : file.sha256;
    throw new ModelError(
      subject,
      `is not the file that was published: its ${hash.kind} is ${received}, expected ${hash.value}`,
      { expected: `${hash.kind} ${hash.value}`, received: `${hash.kind} ${received}` },
    );
  }
  return expected.hashes.map(({ kind }) => kind);
}

const SNIFFED = 512;

/** Whether the first bytes of a file are those of a web page. */
export function isWebPage(start: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(start.subarray(0, SNIFFED)).trimStart();
  return /^(\u00ef\u00bb\u00bf)?\s*(<!doctype html|<html|<head|<\?xml[^>]*>\s*<(!doctype )?html)/i.test(
    text,
  );
}

/** @throws ModelError where the file is a web page, as servers send it in place of a file. */
export async function refuseWebPage(path: string, subject: string): Promise<void> {
  const file = await openInput(path);
  try {
    if (isWebPage(await file.read(0, SNIFFED)))
      throw new ModelError(subject, 'is a web page, not a file of weights');
  } finally {
    await file.close();
  }
}

/**
 * Makes sure that a file of which nobody has published a hash is weights of the form that its name
 * says, not an error in JSON, a pointer of Git LFS or anything else that servers send.
 * @throws ModelError
 */
export async function requireFormat(
  { hashes, file }: Pick<CatalogueEntry, 'hashes' | 'file'>,
  path: string,
  subject: string,
): Promise<void> {
  if (hashes.length > 0) return;
  const opened = await openInput(path);
  const start = await opened.read(0, SNIFFED).finally(opened.close);
  if (/\.onnx$/i.test(file)) {
    // The number of the form's version comes first.
    if (start[0] === 0x08 && start[1]! < 0x20) return;
    throw new ModelError(subject, 'is no ONNX file, though its name says so');
  }
  const format = checkpointFormat(start, subject);
  const isNamed = /\.safetensors$/i.test(file) ? format === 'safetensors' : format === 'pytorch';
  if (!isNamed) throw new ModelError(subject, `is a ${format} file, expected ${file}`);
}

/** A file's size in bytes and its hashes in hexadecimal digits. */
export interface HashedFile {
  readonly bytes: number;
  readonly sha256: string;
  /** What git calls the file: the SHA-1 of `blob SIZE\0` and the content. */
  readonly gitBlob: string;
}

/**
 * Reads a file once, whatever its size, for all its hashes.
 * @throws ModelError where it cannot be read, CancelledError where the signal is aborted.
 */
export async function hashFile(
  path: string,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((done: number, total: number) => void) | undefined;
  } = {},
): Promise<HashedFile> {
  const { signal, onProgress } = options;
  try {
    const file = await openInput(path);
    try {
      const { size } = file;
      const sha256 = createHash('sha256');
      const gitBlob = createHash('sha1').update(`blob ${size}\0`);
      let bytes = 0;
      for await (const chunk of file.chunks(signal)) {
        sha256.update(chunk);
        gitBlob.update(chunk);
        bytes += chunk.length;
        onProgress?.(bytes, size);
      }
      return { bytes, sha256: sha256.digest('hex'), gitBlob: gitBlob.digest('hex') };
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (signal?.aborted) throw new CancelledError(`hashing ${path}`);
    throw unreadableModel(path, cause);
  }
}
