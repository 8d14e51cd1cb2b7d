import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { type PullOptions, pullModel } from '../pull-model.js';
import { entryOf, weights } from './entries.js';
import { type Answer, weightsServer } from './weights-server.js';

/** The file that is pulled. */
export const bytes = weights();
/** Of a test: as little as can be waited for, and silence only of servers that are meant to fall silent. */
export const patience = { stall: 120_000, backoff: 1, longestWait: 20, attempts: 3 };
/** What lies in the store of one pulled model. */
export const whole = ['weights.pth', 'weights.pth.json'];

/** Pulls the file from a server that gives these answers, and tells all that came of it. */
export async function pull(
  answers: Answer[],
  change: Parameters<typeof entryOf>[2] = {},
  options: Partial<PullOptions> = {},
) {
  const server = await weightsServer(...answers);
  const folder = options.folder ?? (await temporaryFolder());
  try {
    const entry = entryOf(bytes, [server.address], change);
    const onProgress = (done: number, total: number): void => {
      options.onProgress?.(done, total);
      server.received(done);
    };
    const outcome = await pullModel(entry, { patience, ...options, folder, onProgress }).then(
      (model) => ({ model, error: undefined }),
      (error: unknown) => ({ model: undefined, error }),
    );
    return { ...outcome, folder, ranges: server.ranges, files: (await readdir(folder)).sort() };
  } finally {
    await server.close();
  }
}

/** The file was stored, and nothing else is left. */
export async function expectWhole(result: Awaited<ReturnType<typeof pull>>): Promise<void> {
  expect(result.error).toBeUndefined();
  expect(result.files).toEqual(whole);
  expect((await readFile(join(result.folder, 'weights.pth'))).equals(bytes)).toBe(true);
}
