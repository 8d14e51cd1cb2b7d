import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { loadPack } from '../../../models/packs.js';
import { moduleFiles } from '../../../models/testing/pack-folder.js';
import { runCommands } from '../../testing/run-commands.js';
import { command } from './index.js';

const folder = await temporaryFolder();
const { files } = await moduleFiles(join(folder, 'modules'));

async function pack(output: string, options: Record<string, string>, ...flags: string[]) {
  const all = { tau: '20', steps: '4', 't-max': '250', ...files, ...options };
  const words = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  const argv = ['models', 'pack', '-o', output, '--name', 'mine', ...words, ...flags];
  return runCommands([command], argv);
}

test('three modules become a pack that can be loaded', async () => {
  const output = join(folder, 'mine');
  const { code, stdout } = await pack(output, { tile: '512', description: 'one' }, '--json');
  expect(code).toBe(0);
  const { manifest } = await loadPack(output);
  expect(JSON.parse(stdout)).toEqual({ output, manifest });
  expect(manifest).toMatchObject({
    name: 'mine',
    task: 'sr4',
    scale: 4,
    sampler: { tau: 20, steps: 4 },
    tMax: 250,
    tile: 512,
    description: 'one',
  });
});

test('a pack states its sampler, what becomes of results, and its revision', async () => {
  const output = join(folder, 'stated');
  const stated = { sampler: 'ddim', variance: 'small', consistency: 'exact', detail: '0.6' };
  expect((await pack(output, { ...stated, revision: '2' })).code).toBe(0);
  const { manifest } = await loadPack(output);
  expect(manifest).toMatchObject({
    sampler: { tau: 20, steps: 4, sampler: 'ddim', variance: 'small' },
    result: { consistency: 'exact', detail: 0.6 },
    revision: 2,
  });
});

test.each<[string, Record<string, string>, number, string]>([
  ['a tau that is no number', { tau: 'x' }, 2, '--tau: expected'],
  ['a tau beyond t-max', { tau: '251' }, 2, '--tau: expected at most --t-max 250'],
  ['more steps than tau', { steps: '21' }, 2, '--steps: expected at most --tau 20'],
  ['a tile that is too small', { tile: '100' }, 3, 'tile is too small'],
  [
    'a module that is missing',
    { fusion: 'none.safetensors' },
    3,
    'none.safetensors: the file does not exist',
  ],
  ['a module in the wrong part', { denoiser: files.fusion }, 3, 'its denoiser'],
  ['a folder that cannot be made', { output: join(files.fusion, 'pack') }, 1, 'cannot be made'],
])('%s is refused', async (_, options, code, message) => {
  const output = join(folder, 'refused');
  const result = await pack(output, options);
  expect(result.code).toBe(code);
  expect(result.stderr).toContain(message);
  expect(await readdir(folder)).not.toContain('refused');
});
