import { spawnSync } from 'node:child_process';
import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { OutputError } from '../utils/errors.js';
import { makeFolder } from './output-file.js';
import { temporaryFolder } from './testing/temporary-folder.js';

const folder = await temporaryFolder();
await writeFile(join(folder, 'file'), '');
await symlink(join(folder, 'nowhere'), join(folder, 'dangling'));

test('a folder is made with those that it lies in, once', async () => {
  const inner = join(folder, 'a', 'b', 'c');
  expect(await makeFolder(inner)).toBe(true);
  expect((await stat(inner)).isDirectory()).toBe(true);
  expect(await makeFolder(inner)).toBe(false);
  expect(await makeFolder('/')).toBe(false);
});

test.each<readonly [string, string, string]>([
  ['in a file', join(folder, 'file', 'x'), 'part of its path is not a folder'],
  ['under the name of a file', join(folder, 'file'), 'a file has this name'],
  ['under the name of a link to nothing', join(folder, 'dangling'), 'a file has this name'],
  ['of a name that is too long', join(folder, 'x'.repeat(256)), 'its name is too long'],
  ...(process.platform === 'linux'
    ? [['where none can be made', '/proc/x/y', 'its folder does not exist'] as const]
    : []),
])('a folder %s is refused in words', async (_, path, why) => {
  const error = await makeFolder(path).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OutputError);
  expect(String(error)).toBe(`OutputError: ${path}: cannot be made: ${why}`);
});

test.runIf(process.getuid?.() === 0)('what an ordinary user must not do is told', async () => {
  const place = join(folder, 'forbidden');
  await mkdir(place);
  await chmod(folder, 0o755);
  const module = fileURLToPath(new URL('./output-file.ts', import.meta.url));
  const program = `
    process.setgid(65534); process.setuid(65534);
    await makeFolder(${JSON.stringify(join(place, 'x'))}).catch((error) => console.log(String(error)));
  `;
  // Read before the user changes, who may not read the sources.
  const source = `import { makeFolder } from ${JSON.stringify(module)};${program}`;
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const ran = spawnSync(process.execPath, ['--import', tsx, '--input-type=module', '-e', source]);
  expect(ran.stdout.toString()).toMatch(/^OutputError: .*x: cannot be made: permission denied\n$/);
});
