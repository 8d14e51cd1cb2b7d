import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import { burstFolder } from '../testing/burst-files.js';
import { findBursts, findPresentBursts, stateOfBurst } from './find-inputs.js';
import { targetsIn } from './plan-results.js';
import { watchBursts } from './watch-inputs.js';

const folder = await temporaryFolder();
const shots = join(folder, 'shots');
for (const name of ['', 'night/one', 'night/two']) await burstFolder(join(shots, name), 2, [4, 4]);
await mkdir(join(shots, 'notes'));
await writeFile(join(shots, 'notes', 'image.png'), 'no mosaic: nothing describes it');

test('each folder of frames is a burst, called by its path or by its own name', async () => {
  await symlink(shots, join(shots, 'again'));
  const found = await findBursts([shots, join(shots, 'night')]);
  await rm(join(shots, 'again'));
  expect(found).toEqual([
    { input: shots, name: 'shots', isBurst: true },
    { input: join(shots, 'night/one'), name: 'one', isBurst: true },
    { input: join(shots, 'night/two'), name: 'two', isBurst: true },
  ]);
  const [own, one] = await findBursts([shots]);
  expect([own!.name, one!.name]).toEqual(['shots', 'night/one']);
  const [first, second] = await targetsIn(join(folder, 'out'), [own!, one!]);
  expect(first).toEqual({ input: shots, frames: [shots], output: join(folder, 'out/shots.png') });
  expect(second!.output).toBe(join(folder, 'out/night/one.png'));
});

test('what holds no burst is refused, and waited for where one may yet come', async () => {
  await expect(findBursts([join(shots, 'notes')])).rejects.toThrow(InputError);
  await expect(findBursts([join(shots, 'frame-0.png')])).rejects.toThrow(ParameterError);
  expect(await findPresentBursts([join(shots, 'notes'), join(shots, 'none')])).toEqual([]);
});

test('the state of a burst is that of its frames and what describes them', async () => {
  const one = join(shots, 'night/one');
  const first = await stateOfBurst([one]);
  expect(await stateOfBurst([one])).toBe(first);
  await writeFile(join(one, 'frame-1.json'), '{}');
  const second = await stateOfBurst([one]);
  expect(second).not.toBe(first);
  await writeFile(join(one, 'frame-2.dng'), 'more');
  expect(await stateOfBurst([one])).not.toBe(second);
  expect(await stateOfBurst([join(shots, 'notes')])).toBeUndefined();
});

test('a burst is given once its frames are there, again when one is added; then it ends', async () => {
  const inbox = join(folder, 'inbox');
  const end = new AbortController();
  const bursts = watchBursts([inbox], { signal: end.signal, interval: 10, settle: 200 });
  const next = async () => (await bursts.next()).value?.name;
  await mkdir(inbox);
  const waiting = next();
  await burstFolder(join(inbox, 'a'), 3, [4, 4]);
  expect(await waiting).toBe('a');
  const again = next();
  await writeFile(join(inbox, 'a', 'frame-9.dng'), 'more');
  expect(await again).toBe('a');
  const last = next();
  setTimeout(() => end.abort(), 50);
  expect(await last).toBeUndefined();
});
