import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { burstFolder, burstPackFolder } from '../../../restore-files/testing/burst-files.js';
import { runCommands } from '../../testing/run-commands.js';
import { command } from './restore.js';

const folder = await temporaryFolder();
const [shots, results] = [join(folder, 'shots'), join(folder, 'results')];
const pack = await burstPackFolder(folder);
beforeEach(async () => {
  await rm(results, { recursive: true, force: true });
  await rm(shots, { recursive: true, force: true });
  await burstFolder(join(shots, 'a'), 3, [4, 6]);
  await burstFolder(join(shots, 'in', 'b'), 2, [6, 4]);
});

function restore(argv: readonly string[], signal?: AbortSignal) {
  const quick = ['--model', pack, '--tau', '4', '--steps', '1', '--threads', '1'];
  return runCommands([command], ['restore', ...argv, ...quick], signal);
}

async function listed(): Promise<string[]> {
  const names = await readdir(results, { recursive: true });
  return names.filter((name) => name.endsWith('.png')).sort();
}

test('each folder of frames becomes an image; what is restored is left, by its content', async () => {
  const all = ['-i', shots, '-o', results, '--recursive', '--resume'];
  const first = await restore([...all, '--reference', 'frame-1']);
  expect(first).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('2 restored, 0 skipped, 0 failed') as string,
  });
  expect(await listed()).toEqual(['a.png', 'in/b.png']);
  const bytes = await readFile(join(results, 'a.png'));

  const second = await restore([...all, '--reference', '1']);
  expect(second.stdout.match(/skipped, already restored/g)).toHaveLength(2);
  await rename(join(shots, 'a'), join(shots, 'c'));
  const third = await restore([...all, '--reference', '1']);
  expect(third.stdout).toMatch(/c\.png: copied from .*a\.png, which has the same/);
  expect(third.stderr).toContain('0 restored, 2 skipped, 0 failed');
  expect(await readFile(join(results, 'c.png'))).toEqual(bytes);
});

test('another frame, description, reference or scale is another burst', async () => {
  const [burst, output] = [join(shots, 'a'), join(results, 'a.png')];
  const isDone = async (...argv: string[]) => {
    const { code, stdout } = await restore(['-i', burst, '-o', output, '--resume', ...argv]);
    expect(code).toBe(0);
    return stdout.includes('skipped, already restored');
  };
  await mkdir(results);
  expect(await isDone()).toBe(false);
  expect(await isDone()).toBe(true);
  expect(await isDone('--reference', '0')).toBe(false);
  expect(await isDone('--scale', '1')).toBe(false);
  const description = join(burst, 'frame-0.json');
  const stated = JSON.parse(await readFile(description, 'utf8'));
  await writeFile(description, JSON.stringify({ ...stated, iso: 400 }));
  expect(await isDone()).toBe(false);
  expect(await isDone()).toBe(true);
  await rm(join(burst, 'frame-0.png'));
  expect(await isDone()).toBe(false);
});

test('a burst that fails leaves the others, with exit code 1', async () => {
  await writeFile(join(shots, 'a', 'frame-1.png'), 'damaged');
  const { code, stderr } = await restore(['-i', shots, '-o', results, '--recursive']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/frame-1\.png/);
  expect(stderr).toContain('1 restored, 0 skipped, 1 failed');
  expect(await listed()).toEqual(['in/b.png']);
});

test('a folder that is watched: the bursts that are there, those that come, and a clean end', async () => {
  const end = new AbortController();
  const running = restore(['-i', shots, '-o', results, '--watch'], end.signal);
  const has = (name: string) => expect.poll(() => listed().catch(() => [])).toContain(name);
  await has('in/b.png');
  await burstFolder(join(shots, 'later'), 2, [4, 4]);
  await has('later.png');
  await new Promise((resolve) => setTimeout(resolve, 300));
  end.abort();
  expect(await running).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('3 restored, 0 failed') as string,
  });
});

test.each(['--watch', '--recursive'])('%s wants folders', async (flag) => {
  const { code, stderr } = await restore(['-i', join(shots, 'a', '*.png'), '-o', results, flag]);
  expect(code).toBe(2);
  expect(stderr).toContain(`${flag}: expected folders, where each that holds RAW files is a burst`);
});
