import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { writeTestImage } from '../../../images/testing/image-files.js';
import { packFolder } from '../../../models/testing/pack-folder.js';
import { RECORDS_FILE } from '../../../restore-files/batch/done-records.js';
import { runCommands } from '../../testing/run-commands.js';
import { command } from './restore.js';

const folder = await temporaryFolder();
const [photos, results] = [join(folder, 'photos'), join(folder, 'results')];
const pack = await packFolder(folder);
await mkdir(join(photos, 'in'), { recursive: true });
await writeTestImage(join(photos, 'a.png'), 6, 5);
await writeTestImage(join(photos, 'in', 'b.jpg'), 5, 7);
await writeFile(join(photos, 'bad.png'), 'no image');
beforeEach(() => rm(results, { recursive: true, force: true }));

const restore = (
  argv: readonly string[],
  signal?: AbortSignal,
  onStdout?: (stdout: string) => void,
) =>
  runCommands([command], ['restore', '--model', pack, '--threads', '1', ...argv], signal, onStdout);
const listed = async () => (await readdir(results, { recursive: true })).sort();

test('a folder with its subfolders, then what is left of it, then all of it again', async () => {
  const argv = ['-i', photos, '-o', results, '--recursive'];
  const first = await restore(argv);
  expect(first).toMatchObject({ code: 1 });
  expect(first.stderr).toContain('bad.png: this is no');
  expect(first.stderr).toContain('2 restored, 0 skipped, 1 failed');
  expect(await listed()).toEqual([RECORDS_FILE, 'a.png', 'in', 'in/b.jpg']);

  const second = await restore([...argv, '--resume', '--json']);
  expect(second).toMatchObject({ code: 1 });
  const lines = second.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.filter(({ skipped }) => skipped?.reason === 'done')).toHaveLength(2);
  expect(second.stderr).toContain('0 restored, 2 skipped, 1 failed');

  const pattern = await restore(['-i', join(photos, '**', '*.jpg'), '-o', results, '--resume']);
  expect(pattern).toMatchObject({ code: 0 });
  expect(pattern.stdout).toContain(`${join(results, 'in/b.jpg')}: skipped, already restored from`);
});

test('results of one name are refused before anything is done', async () => {
  const twins = join(folder, 'twins');
  await cp(photos, twins, { recursive: true });
  await cp(join(photos, 'in', 'b.jpg'), join(twins, 'a.avif'));
  const { code, stderr } = await restore(['-i', twins, '-o', results]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/Two results would be one file: .*a\.png/);
  await expect(listed()).rejects.toThrow('ENOENT');
});

test('samples and their mean are named and described', async () => {
  const output = join(results, 'a.png');
  await mkdir(results);
  const argv = ['-i', join(photos, 'a.png'), '-o', output, '--samples', '2', '--mean', '3'];
  const { code, stdout } = await restore([...argv, '--steps', '1']);
  expect(code).toBe(0);
  expect(stdout).toContain(`seeds 0 to 1: ${join(results, 'a-s0.png')} to a-s1.png`);
  expect(stdout).toMatch(
    /mean of 3 samples; \S+a-uncertainty\.png: .* on average, at most [\d.]+; white is 63\.75/,
  );
  expect(await listed()).toEqual(['a-s0.png', 'a-s1.png', 'a-uncertainty.png', 'a.png']);
});

test('a folder that is watched: what is there, what comes, and a clean end', async () => {
  const inbox = join(folder, 'inbox');
  await mkdir(inbox);
  await cp(join(photos, 'a.png'), join(inbox, 'a.png'));
  const end = new AbortController();
  const running = restore(['-i', inbox, '-o', results, '--watch'], end.signal);
  const has = (name: string) => expect.poll(() => listed().catch(() => [])).toContain(name);
  await has('a.png');
  await cp(join(photos, 'in', 'b.jpg'), join(inbox, 'b.jpg'));
  await has('b.jpg');
  await expect.poll(() => listed()).toEqual([RECORDS_FILE, 'a.png', 'b.jpg']);
  await new Promise((resolve) => setTimeout(resolve, 200));
  end.abort();
  expect(await running).toMatchObject({ code: 0 });
  const again = new AbortController();
  const { code, stderr } = await restore(
    ['-i', inbox, '-o', results, '--watch'],
    again.signal,
    (stdout) => {
      if (stdout.match(/skipped, already restored/g)?.length === 2) again.abort();
    },
  );
  expect(code).toBe(0);
  expect(stderr).toContain('0 restored, 0 failed');
});

test.each([
  ['--watch', 'a.png', 'c.png', '--watch: expected a folder or pattern as input'],
  ['--recursive', 'a.png', 'a.png', '--output: expected another file than the input'],
])('%s of %s into %s is refused', async (option, input, output, message) => {
  const { code, stderr } = await restore([
    ...['-i', join(photos, input), '-o', join(photos, output)],
    option,
  ]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
