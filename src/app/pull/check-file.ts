import { agrees, type CatalogueEntry, type HashKind } from '../../checkpoints/catalogue/index.js';
import { openInput } from '../../files/input-file.js';
import { ModelError } from '../../tensor/errors.js';
import type { HashedFile } from './file-hashes.js';

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
    if (agrees(hash, file) === true) continue;
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
