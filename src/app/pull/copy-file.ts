import { inputChunks, whyUnreadable } from '../../files/input-file.js';
import { ModelError } from '../../tensor/errors.js';
import { type HashedFile, hashFile } from './file-hashes.js';
import { requireSpace } from './free-space.js';
import { PartialFile } from './partial-file.js';

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
    throw new ModelError(from, whyUnreadable(cause), { cause });
  }
}
