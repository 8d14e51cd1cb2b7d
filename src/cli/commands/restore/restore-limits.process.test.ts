import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { writeTestImage } from '../../../images/testing/image-files.js';
import { packFolder } from '../../../models/testing/pack-folder.js';
import { runCommands } from '../../testing/run-commands.js';
import { command } from './restore.js';

const folder = await temporaryFolder();
const pack = await packFolder(folder);
const input = join(folder, 'image.png');
await writeTestImage(input, 140, 150);

function restore(output: string, ...argv: string[]) {
  const asked = ['-i', input, '-o', output, '--model', pack, '--steps', '1', '--json'];
  return runCommands([command], ['restore', ...asked, ...argv]);
}

test('less memory means more regions, and the same bytes', async () => {
  const [wide, narrow] = [join(folder, 'wide.png'), join(folder, 'narrow.png')];
  const facts = async (output: string, memory: string) => {
    const { code, stdout } = await restore(output, '--memory', memory);
    expect(code).toBe(0);
    return JSON.parse(stdout) as { regions: { count: number } };
  };
  expect((await facts(wide, '2GiB')).regions.count).toBe(1);
  expect((await facts(narrow, '315MiB')).regions.count).toBeGreaterThan(1);
  expect((await readFile(narrow)).equals(await readFile(wide))).toBe(true);
});

test('memory that nothing fits into is refused by a limit', async () => {
  const { code, stdout } = await restore(join(folder, 'none.png'), '--memory', '100MB');
  expect(code).toBe(4);
  const { error } = JSON.parse(stdout) as { error: { kind: string; message: string } };
  expect(error.kind).toBe('limit');
  expect(error.message).toMatch(/^memory: \d+ MiB are needed and 95 MiB allowed/);
});

test.each([
  [['--max-pixels', '1000'], /the limit is 1000; raise --max-pixels for more$/],
  [['--max-input-pixels', '1000'], /140 x 150 pixels, the limit is 1000; raise --max-input-pixels/],
  [['--max-bytes', '10'], /the limit is 10; raise --max-bytes to read it$/],
  [['--max-channels', '2'], /the limit is 2; raise --max-channels to read it$/],
  [['--memory', '100MB'], /allowed; allow more with --memory$/],
])('what is beyond %s is told with the flag that raises it', async (argv, message) => {
  const { code, stdout, stderr } = await restore(join(folder, 'none.png'), ...argv);
  expect(code).toBe(4);
  expect((JSON.parse(stdout) as { error: { message: string } }).error.message).toMatch(message);
  expect(stderr.trim()).toMatch(message);
});

test('a setting out of range is told with its flag', async () => {
  const { code, stdout } = await restore(join(folder, 'none.png'), '--tau', '900');
  expect(code).toBe(2);
  expect((JSON.parse(stdout) as { error: object }).error).toMatchObject({
    message: expect.stringMatching(/^--tau: expected at most/),
    details: { subject: 'tau' },
  });
});

test('an image that takes longer than it may is refused by a limit and leaves nothing', async () => {
  const output = join(folder, 'late.png');
  const { code, stdout } = await restore(output, '--timeout', '0.02');
  expect(code).toBe(4);
  const { error } = JSON.parse(stdout) as { error: { message: string } };
  expect(error.message).toBe(
    `${input}: not done after 0.02 s, the limit; allow more with --timeout`,
  );
  expect(existsSync(output)).toBe(false);
  expect((await readdir(folder)).filter((name) => name.includes('.tmp'))).toEqual([]);
});

test.each([
  ['--memory', 'plenty'],
  ['--timeout', '-1'],
])('%s %s is a usage error', async (flag, value) => {
  const { code, stdout } = await restore(join(folder, 'x.png'), `${flag}=${value}`);
  expect(code).toBe(2);
  expect(stdout).toContain(flag);
});
