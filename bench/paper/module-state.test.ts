import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileDigest } from '../../src/files/digest.js';
import { temporaryFolder } from '../../src/files/testing/temporary-folder.js';
import { encodeSafetensors } from '../../src/tensor/safetensors.js';
import { tensor } from '../../src/tensor/tensor.js';
import { isUsable, moduleState, stateText } from './module-state.js';
import { recipeFile, shippedModules } from './modules.js';

const parents = {
  restorer: await fileDigest(shippedModules['restorer-a']!),
  denoiser: await fileDigest(shippedModules['denoiser-a']!),
};

/** A run of fusion-aa that has done so many of 3000 steps. */
async function runOf(step: number, modules: object) {
  const places = { data: 'nowhere', runs: await temporaryFolder() };
  const folder = join(places.runs, 'fusion-aa');
  await mkdir(folder);
  const metadata = new Map([
    ['recipe', await readFile(recipeFile('fusion-aa'), 'utf8')],
    ['step', String(step)],
    ['modules', JSON.stringify(modules)],
  ]);
  const tensors = new Map([['x', tensor([1])]]);
  await writeFile(join(folder, 'state.safetensors'), encodeSafetensors(tensors, metadata));
  await writeFile(join(folder, 'weights.safetensors'), 'weights');
  return moduleState('fusion-aa', places);
}

test('a module is missing, unfinished or trained', async () => {
  const missing = await moduleState('fusion-aa', { data: 'nowhere', runs: 'nowhere' });
  expect(missing).toEqual({ kind: 'missing' });
  expect(isUsable(missing)).toBe(false);
  const unfinished = await runOf(2999, parents);
  expect(stateText(unfinished)).toBe('unfinished: 2999 of 3000 steps');
  expect(isUsable(unfinished)).toBe(false);
  const trained = await runOf(3000, parents);
  expect(stateText(trained)).toBe('trained for 3000 steps');
  expect(isUsable(trained)).toBe(true);
});

test('a module is outdated once one that it was trained between is another', async () => {
  const state = await runOf(3000, { ...parents, denoiser: '0'.repeat(64) });
  expect(stateText(state)).toBe('outdated: denoiser-a has changed');
  expect(isUsable(state)).toBe(false);
});

test('modules of shipped packs are there', async () => {
  for (const name of Object.keys(shippedModules))
    expect(await moduleState(name, { data: '', runs: '' })).toEqual({ kind: 'shipped' });
});
