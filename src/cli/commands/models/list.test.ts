import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { runModels } from '../../testing/run-models.js';

const store = await temporaryFolder();
await writeFile(join(store, 'drunet_color.pth'), 'weights');
await writeFile(join(store, 'mine.safetensors'), 'weights');
await writeFile(join(store, 'mine.safetensors.json'), '{}');

test('every model is listed with where it is', async () => {
  const { code, results } = await runModels('list', '--store', store, '--json');
  expect(code).toBe(0);
  const states = new Map(results.map(({ name, state }) => [name, state]));
  expect(states.get('sr4')).toBe('shipped');
  expect(states.get('drunet-colour')).toBe('stored');
  expect(states.get('swinir-light-x4')).toBe('to pull');
  expect(states.get('esrgan-x4')).toBe('manual');
  expect(states.get('mine.safetensors')).toBe('stored');
  expect(states.has('mine.safetensors.json')).toBe(false);
  const drunet = results.find(({ name }) => name === 'drunet-colour');
  expect(drunet).toMatchObject({ path: join(store, 'drunet_color.pth'), licence: 'MIT' });
});

test('people get a line for each, and are told where models are stored', async () => {
  const { stdout, stderr } = await runModels('list', '--store', store);
  expect(stdout).toMatch(/^swinir-light-x4 +to pull +17\.2 MB {2}SwinIR-S.*\(Apache-2\.0\)$/m);
  expect(stderr).toContain(store);
});

test('a store that does not exist yet is an empty one', async () => {
  const { code, results } = await runModels('list', '--store', join(store, 'none'), '--json');
  expect(code).toBe(0);
  expect(results.filter(({ state }) => state === 'stored')).toEqual([]);
});
