import { existsSync } from 'node:fs';
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { createEngine } from '../../engine/engine.js';
import { childrenOf } from '../../engine/testing/processes.js';
import { testEngine } from '../../engine/testing/runners.js';
import { lockOutput } from '../../files/lock-file.js';
import { specialFiles } from '../../files/testing/special-files.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { writeTestImage } from '../../images/testing/image-files.js';
import { packFolder } from '../../models/testing/pack-folder.js';
import { CancelledError, ModelError } from '../../utils/errors.js';
import { RECORDS_FILE } from './done-records.js';
import { findImages } from './find-inputs.js';
import { targetsIn } from './plan-results.js';
import { Batch, type BatchEvent, type BatchOptions } from './restore-all.js';

const folder = await temporaryFolder();
const [photos, results] = [join(folder, 'photos'), join(folder, 'results')];
const pack = await packFolder(folder);
const engine = testEngine();
beforeEach(async () => {
  await rm(photos, { recursive: true, force: true });
  await rm(results, { recursive: true, force: true });
  await mkdir(join(photos, 'in'), { recursive: true });
  await writeTestImage(join(photos, 'a.png'), 6, 5);
  await writeTestImage(join(photos, 'in', 'b.png'), 5, 7);
});

/** Restores what is in the folder; tells what became of each image. */
async function restoreAll(
  options: Partial<BatchOptions> = {},
  request: object = {},
): Promise<string[]> {
  const ends: string[] = [];
  const onEvent = (event: BatchEvent): void => {
    options.onEvent?.(event);
    if (event.kind === 'restored' || event.kind === 'failed') ends.push(event.kind);
    if (event.kind === 'skipped') ends.push(event.why.reason);
  };
  const call = { engine, records: results, ...options, onEvent };
  const batch = new Batch({ pack, threads: 1, ...request }, call);
  const images = await findImages([photos], { recursive: true });
  for (const target of await targetsIn(results, images)) await batch.restore(target);
  return ends;
}

test('content and settings decide what is done already, not names', async () => {
  expect(await restoreAll()).toEqual(['restored', 'restored']);
  const first = await readFile(join(results, 'a.png'));
  expect(await restoreAll({ resume: true })).toEqual(['done', 'done']);
  expect(await restoreAll({ resume: true }, { threads: 2 })).toEqual(['done', 'done']);

  // Another image of an old name, and an old image under a new one.
  await copyFile(join(photos, 'a.png'), join(photos, 'z.png'));
  await writeTestImage(join(photos, 'a.png'), 4, 4);
  expect(await restoreAll({ resume: true })).toEqual(['restored', 'restored', 'done']);
  await copyFile(join(photos, 'z.png'), join(photos, 'zz.png'));
  expect(await restoreAll({ resume: true })).toEqual(['done', 'done', 'copied', 'done']);
  expect(await readFile(join(results, 'zz.png'))).toEqual(first);

  // Results that are gone or changed, and other settings.
  await rm(join(results, 'z.png'));
  await writeFile(join(results, 'zz.png'), 'changed');
  await rm(join(results, 'in'), { recursive: true });
  const again = await restoreAll({ resume: true });
  expect(again).toEqual(['done', 'restored', 'copied', 'restored']);
  expect(await restoreAll({ resume: true }, { seed: 1 })).toHaveLength(4);
  expect(await readFile(join(results, 'z.png'))).not.toEqual(first);
});

test('an image that fails leaves the others alone; a pack that is none does not', async () => {
  await writeFile(join(photos, 'a.png'), 'no image');
  await writeTestImage(join(photos, 'c.png'), 3, 3);
  expect(await restoreAll()).toEqual(['failed', 'restored', 'restored']);
  expect(existsSync(join(results, 'a.png'))).toBe(false);
  expect(await restoreAll({ resume: true })).toEqual(['failed', 'done', 'done']);
  const events: string[] = [];
  const none = restoreAll({ onEvent: ({ kind }) => events.push(kind) }, { pack: 'none' });
  await expect(none).rejects.toThrow(ModelError);
  expect(events).toEqual(['begun']);
});

test('what is no file, or beyond the limit, is refused without being read', async () => {
  await rm(join(photos, 'in', 'b.png'));
  await symlink('/dev/zero', join(photos, 'device.png'));
  await writeFile(join(photos, 'sparse.png'), '');
  await truncate(join(photos, 'sparse.png'), 2 ** 42);
  const errors: string[] = [];
  const onEvent = (event: BatchEvent): void => {
    if (event.kind === 'failed') errors.push(event.error.message);
  };
  expect(await restoreAll({ onEvent })).toEqual(['restored', 'failed', 'failed']);
  expect(errors).toEqual([
    expect.stringMatching(/device.png: this is a device, expected a file$/),
    expect.stringMatching(/sparse.png: the file has 4398046511104 bytes, the limit is/),
  ]);
});

test('folders that cannot be made fail their images alone, in words', async () => {
  await mkdir(results);
  await writeFile(join(results, 'in'), 'a file');
  const errors: string[] = [];
  const onEvent = (event: BatchEvent): void => {
    if (event.kind === 'failed') errors.push(event.error.message);
  };
  expect(await restoreAll({ onEvent })).toEqual(['restored', 'failed']);
  expect(errors).toEqual([`${join(results, 'in')}: cannot be made: a file has this name`]);
});

test('records that are no file are refused without waiting', async () => {
  await mkdir(results);
  await specialFiles['a pipe'](join(results, RECORDS_FILE));
  expect(await restoreAll({ resume: true })).toEqual(['failed', 'failed']);
});

test.runIf(process.platform === 'linux')(
  'an image that kills its process leaves the others alone',
  async () => {
    let killed = false;
    const onEvent = (event: BatchEvent): void => {
      if (killed || event.kind !== 'progress') return;
      killed = true;
      for (const pid of childrenOf(process.pid)) process.kill(pid, 'SIGKILL');
    };
    expect(await restoreAll({ onEvent })).toEqual(['failed', 'restored']);
    expect((await readdir(results)).sort()).toEqual([RECORDS_FILE, 'in']);
  },
);

test('what another process works on is left to it', async () => {
  await mkdir(results);
  const taken = await lockOutput(join(results, 'a.png'));
  expect(await restoreAll()).toEqual(['busy', 'restored']);
  if ('lock' in taken) await taken.lock.release();
  expect(await restoreAll({ resume: true })).toEqual(['restored', 'done']);
});

test('two runs over one folder share the work, each image once', async () => {
  for (let index = 0; index < 4; index += 1)
    await writeTestImage(join(photos, `${index}.png`), 5 + index, 6);
  const second = createEngine();
  try {
    const both = await Promise.all([
      restoreAll({ resume: true }),
      restoreAll({ resume: true, engine: second }),
    ]);
    const ends = both.flat().filter((end) => end === 'restored');
    expect(ends.length).toBeGreaterThanOrEqual(6);
    expect(both.flat()).not.toContain('failed');
    expect(both[0].length).toBe(6);
    expect(await restoreAll({ resume: true })).toEqual(Array(6).fill('done'));
    const left = await readdir(results, { recursive: true });
    expect(left.filter((name) => name.startsWith('.'))).toEqual([RECORDS_FILE]);
  } finally {
    await second.close();
  }
});

test('an interrupt leaves whole results only, and the next run goes on', async () => {
  const abort = new AbortController();
  const onEvent = (event: BatchEvent): void => {
    if (event.kind === 'begun' && event.target.input.endsWith('b.png')) abort.abort();
  };
  await expect(restoreAll({ signal: abort.signal, onEvent })).rejects.toThrow(CancelledError);
  expect((await readdir(results, { recursive: true })).sort()).toEqual([
    RECORDS_FILE,
    'a.png',
    'in',
  ]);
  expect(await restoreAll({ resume: true })).toEqual(['done', 'restored']);
});
