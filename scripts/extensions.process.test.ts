import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../src/files/testing/temporary-folder.js';
import { writeTestImage } from '../src/images/testing/image-files.js';
import { packFolder } from '../src/models/testing/pack-folder.js';
import { applyExtension, extensions } from './extensions.js';
import { execute, repository } from './step.js';

/** A copy of the sources with all extensions. */
const copy = await temporaryFolder();
const touched = new Map<string, string[]>();

beforeAll(async () => {
  for (const name of ['src', 'scripts', 'bench', 'examples', 'package.json', 'tsconfig.json'])
    await cp(path.join(repository, name), path.join(copy, name), { recursive: true });
  for (const name of ['node_modules', 'models'])
    await symlink(path.join(repository, name), path.join(copy, name));
  for (const extension of Object.values(extensions))
    touched.set(extension.name, await applyExtension(copy, extension));
});

/** Runs `dp-ir` of the copy. */
const run = async (...argv: readonly string[]) => {
  const result = await execute('npx', ['tsx', 'src/cli/main.ts', ...argv], { cwd: copy });
  expect(result.stderr).not.toMatch(/^error/m);
  expect(result.code).toBe(0);
  return result;
};

test('the copy passes the compiler and the room check', async () => {
  const types = await execute('npx', ['tsc', '--noEmit'], { cwd: copy });
  expect(types.stdout).toBe('');
  expect(types.code).toBe(0);
  const rooms = await execute('npx', ['tsx', 'scripts/check-rooms.ts'], { cwd: copy });
  expect(rooms.stderr).toBe('');
  expect(rooms.code).toBe(0);
});

test.each(Object.values(extensions))('a $name touches at most $limit files', (extension) => {
  expect(touched.get(extension.name)!.length).toBeLessThanOrEqual(extension.limit);
});

describe('the new', () => {
  test('restore option is a flag that changes pixels', async () => {
    const folder = await temporaryFolder();
    const [input, output] = [path.join(folder, 'a.png'), path.join(folder, 'b.png')];
    await writeTestImage(input, 6, 5);
    const pack = await packFolder(folder);
    await run('restore', '-i', input, '-o', output, '--model', pack, '--gain', '0');
    const { channels } = await sharp(output).stats();
    expect(channels.map(({ max }) => max)).toEqual([0, 0, 0]);
  });

  test('task is trained by a command', async () => {
    const data = await temporaryFolder();
    for (const name of ['a.png', 'b.png']) await writeTestImage(path.join(data, name), 40, 40);
    const recipe = path.join(data, 'recipe.json');
    const output = path.join(await temporaryFolder(), 'run');
    const kind = ['train', 'restorer', '--task', 'jpeg', '--quality', '10', '--data', data];
    const { stdout } = await run(...kind, '--steps', '2', '--crop', '32', '--print-recipe');
    await writeFile(recipe, stdout);
    expect(JSON.parse(stdout)).toMatchObject({ task: 'jpeg', quality: 10 });
    await run('train', 'restorer', '--recipe', recipe, '--output', output);
    expect((await readFile(path.join(output, 'weights.safetensors'))).length).toBeGreaterThan(0);
  });

  test('page is written by its command', async () => {
    const file = path.join(await temporaryFolder(), 'packs.html');
    await run('shipped', file);
    expect(await readFile(file, 'utf8')).toContain('<li>sr4</li>');
  });
});
