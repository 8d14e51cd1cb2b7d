import { InputError } from '../tensor/errors.js';
import { inputChunks } from './input-file.js';
import { whyUnreadable } from './unreadable.js';
import { openAtomicFile } from './write-atomic.js';

/**
 * Copies a file so that the new name shows either the old content or all of the new.
 * @throws InputError where it cannot be read, OutputError where it cannot be written.
 */
export async function copyFileAtomic(from: string, to: string): Promise<void> {
  const file = await openAtomicFile(to);
  try {
    for await (const part of readable(inputChunks(from), from)) await file.append(part);
    await file.commit();
  } finally {
    await file.abandon();
  }
}

async function* readable(
  parts: AsyncIterable<Uint8Array>,
  from: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* parts;
  } catch (cause) {
    throw new InputError(from, whyUnreadable(cause), { cause });
  }
}
