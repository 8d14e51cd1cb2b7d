import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { ParameterScope } from '../../graph/index.js';
import { ModelError, OutputError } from '../../tensor/errors.js';
import { encodeSafetensors } from '../../tensor/safetensors.js';
import { tensor } from '../../tensor/tensor.js';
import { requireState } from '../step/state.js';
import { restorerRecipe } from '../testing/recipes.js';
import { loadRun, makeRunFolder, PREVIEW_FOLDER, removeLeftovers } from './run-folder.js';

async function folderWith(state: Uint8Array): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'state.safetensors'), state);
  return folder;
}

function stateOf(metadata: Record<string, string>): Uint8Array {
  return encodeSafetensors(
    new Map([['w', tensor([2], [1, 2])]]),
    new Map(Object.entries(metadata)),
  );
}

const recipe = restorerRecipe('photos');

test('a folder without a state holds no run', async () => {
  expect(await loadRun(await temporaryFolder())).toBeUndefined();
});

test('a state of before modules were recorded reads back', async () => {
  const text = JSON.stringify(recipe);
  const folder = await folderWith(stateOf({ recipe: text, step: '7', seconds: '1.500' }));
  expect(await loadRun(folder)).toMatchObject({ recipe, step: 7, seconds: 1.5, modules: {} });
});

test('a state of before recipes had the later entries is one of what was done then', async () => {
  const later = ['accumulate', 'adam', 'edge', 'frequency', 'freeze', 'keep', 'weightDecay'];
  const earlier = Object.entries(recipe).filter(([name]) => !later.includes(name));
  expect(earlier.length).toBe(Object.keys(recipe).length - later.length);
  const text = JSON.stringify(Object.fromEntries(earlier));
  const folder = await folderWith(stateOf({ recipe: text, step: '7' }));
  expect((await loadRun(folder))!.recipe).toEqual(recipe);
  expect(recipe).toMatchObject({ accumulate: 1, edge: 0, frequency: 0, keep: 1, weightDecay: 0 });
});

test.each<[string, Uint8Array]>([
  ['cut off', stateOf({ recipe: JSON.stringify(recipe), step: '7' }).subarray(0, 40)],
  ['no step', stateOf({ recipe: JSON.stringify(recipe) })],
  ['no recipe', stateOf({ step: '7' })],
  ['a recipe that is no JSON', stateOf({ recipe: '{', step: '7' })],
])('a state file with %s is refused by name', async (_, bytes) => {
  const folder = await folderWith(bytes);
  await expect(loadRun(folder)).rejects.toThrow(ModelError);
  await expect(loadRun(folder)).rejects.toThrow(join(folder, 'state.safetensors'));
});

test('a state of another network is refused by the first tensor that does not fit', () => {
  const scope = new ParameterScope();
  scope.parameter('w', [2, 2], { kind: 'zeros' });
  const tensors = new Map([['w', tensor([4])]]);
  expect(() => requireState(tensors, scope.declared(), 'run')).toThrow(
    "run: w does not fit the recipe's network",
  );
});

test('a folder that cannot be made is an error of output', async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, '');
  await expect(makeRunFolder(join(file, 'run'))).rejects.toThrow(OutputError);
});

test('making a folder tells whether it is new', async () => {
  const folder = join(await temporaryFolder(), 'new', 'run');
  expect(await makeRunFolder(folder)).toBe(true);
  expect(await makeRunFolder(folder)).toBe(false);
});

test('what a killed process left half written is removed, and nothing else', async () => {
  const folder = await temporaryFolder();
  const halves = ['state', 'state-12', 'weights', 'best'].map((name) => `${name}.safetensors`);
  for (const name of [...halves, 'run.lock', 'log.jsonl'])
    await writeFile(join(folder, `.${name}.0123456789ab.tmp`), 'half');
  const previews = join(folder, PREVIEW_FOLDER);
  await mkdir(previews);
  await writeFile(join(previews, '.step-4-0.png.0123456789ab.tmp'), 'half');
  const kept = ['.mine.0123456789ab.tmp', 'best.safetensors', 'run.lock', 'state-12.safetensors'];
  for (const name of kept) await writeFile(join(folder, name), 'whole');
  await removeLeftovers(folder);
  expect((await readdir(folder)).sort()).toEqual([...kept, PREVIEW_FOLDER].sort());
  expect(await readdir(previews)).toEqual([]);
});
