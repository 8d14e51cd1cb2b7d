import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];

// Here, where the file's tests are not running yet: a hook added by a test would never be called.
afterAll(async () => {
  for (const folder of made) await rm(folder, { recursive: true, force: true });
});

/** A new folder, which is gone when the tests of the file are done. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dp-ir-test-'));
  made.push(folder);
  return folder;
}
