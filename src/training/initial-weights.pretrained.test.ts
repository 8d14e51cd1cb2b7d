import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { unshuffledUnet } from '../networks/unshuffled-unet.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ModelError } from '../utils/errors.js';
import { decodeModule, defineModule, encodeModule } from '../weights/module-file.js';
import type { Recipe } from './recipe.js';
import { WEIGHTS_FILE } from './run/run-folder.js';
import type { TrainingState } from './step/state.js';
import { imageFolder } from './testing/fixtures.js';
import { deblurRecipe, denoiserRecipe } from './testing/recipes.js';
import { prepareFrom, trainHere } from './testing/runs.js';

const data = await imageFolder([60, 80], [80, 60]);

const partConfig = { unshuffle: 2, widths: [4, 6], blocks: 1, attention: true };
/** A restorer whose network the other one is built around, trained for some steps. */
const part = deblurRecipe(data, {
  network: 'unshuffled-unet',
  config: { ...partConfig, prediction: 'residual' },
  steps: 3,
});
const folder = await temporaryFolder();
await trainHere({ recipe: part, output: folder });
const from = join(folder, WEIGHTS_FILE);
const partWeights = decodeModule(await readFile(from), 'part').weights;

function whole(changes: object = {}): Recipe {
  const config = { ...partConfig, kernel: 9, window: 64 };
  return deblurRecipe(data, { network: 'deconvolution-unet', config, crop: 32, ...changes });
}

/** The state that a run of a recipe would begin with. */
async function beginningOf(recipe: Recipe): Promise<TrainingState> {
  const place = { recipe, output: await temporaryFolder(), workers: 0 };
  const run = await prepareFrom(place);
  await run.close();
  return run.state;
}

const bytesOf = ({ data: { buffer, byteOffset, byteLength } }: Tensor) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('hex');

test('the parameters of a part are copied bit for bit; the others start from the seed', async () => {
  const [fresh, started] = [await beginningOf(whole()), await beginningOf(whole({ from }))];
  expect([...started.keys()]).toEqual([...fresh.keys()]);
  const names = [...fresh.keys()].filter((name) => !name.includes(':'));
  const others = names.filter((name) => !partWeights.has(name));
  expect(others).toEqual(['extra.weight']);
  expect(names.length).toBe(partWeights.size + others.length);
  for (const name of names) {
    const expected = partWeights.get(name) ?? fresh.get(name)!;
    expect(bytesOf(started.get(name)!), name).toBe(bytesOf(expected));
    expect(bytesOf(started.get(`average:${name}`)!), name).toBe(bytesOf(expected));
    for (const moment of ['first', 'second'])
      expect(started.get(`${moment}:${name}`)!.data.every((value) => value === 0)).toBe(true);
  }
  const changed = [...partWeights].filter(
    ([name, value]) => bytesOf(value) !== bytesOf(fresh.get(name)!),
  );
  expect(changed.length).toBeGreaterThan(partWeights.size / 2);
  const other = await beginningOf(whole({ from, seed: 8 }));
  for (const name of names)
    expect(bytesOf(other.get(name)!) === bytesOf(started.get(name)!), name).toBe(
      partWeights.has(name),
    );
});

test('parameters of a part may be frozen, and then stay as they were in its file', async () => {
  const output = await temporaryFolder();
  const recipe = whole({ from, freeze: ['head.*', 'levels.*'], steps: 2, batch: 1 });
  await trainHere({ recipe, output });
  const { weights } = decodeModule(await readFile(join(output, WEIGHTS_FILE)), 'whole');
  for (const [name, value] of partWeights)
    if (!name.startsWith('tail')) expect(bytesOf(weights.get(name)!), name).toBe(bytesOf(value));
  expect(bytesOf(weights.get('tail.weight')!)).not.toBe(bytesOf(partWeights.get('tail.weight')!));
});

test('a run resumed does not start from its part again', async () => {
  const output = await temporaryFolder();
  const recipe = whole({ from, steps: 2, batch: 1 });
  await trainHere({ recipe, output }, 1).catch(() => undefined);
  const before = await prepareFrom({ recipe, output, workers: 0, resume: true });
  await before.close();
  const { state, position } = before;
  expect(position.step).toBe(1);
  expect(bytesOf(state.get('tail.weight')!)).not.toBe(bytesOf(partWeights.get('tail.weight')!));
});

test('a part of other widths is refused by the parameter that differs', async () => {
  const wider = whole({ from, config: { ...partConfig, widths: [4, 8], kernel: 9, window: 64 } });
  const refused = beginningOf(wider);
  await expect(refused).rejects.toThrow(ModelError);
  await expect(refused).rejects.toThrow(`${from}: is of another network`);
  await expect(refused).rejects.toThrow('levels.0.down.bias is [6]');
  await expect(refused).rejects.toMatchObject({
    details: {
      expected: 'levels.0.down.bias [8]',
      received: 'unshuffled-unet with levels.0.down.bias [6]',
    },
  });
});

test('a part with a parameter that the network has not is refused by it', async () => {
  const plain = { ...partConfig, attention: false, kernel: 9, window: 64 };
  const refused = beginningOf(whole({ from, config: plain }));
  await expect(refused).rejects.toThrow(ModelError);
  await expect(refused).rejects.toThrow(
    'deconvolution-unet has no levels.0.decoder.0.attention.bias',
  );
});

test('a denoiser, whose first layer sees the noise level too, is no part', async () => {
  const output = await temporaryFolder();
  const config = partConfig;
  await trainHere({ recipe: denoiserRecipe(data, { config, steps: 1 }), output });
  const refused = beginningOf(whole({ from: join(output, WEIGHTS_FILE) }));
  await expect(refused).rejects.toThrow(/head\.weight is \[4,13,3,3\]/);
});

test('the larger network is no part of the smaller', async () => {
  const output = await temporaryFolder();
  await trainHere({ recipe: whole({ steps: 1, batch: 1 }), output });
  const refused = beginningOf({ ...part, from: join(output, WEIGHTS_FILE) });
  await expect(refused).rejects.toThrow('unshuffled-unet has no extra.weight');
});

test('a part with a value that is not finite is refused by its name', async () => {
  const weights = new Map(partWeights);
  const [name, { shape, data: values }] = [...partWeights][0]!;
  weights.set(
    name,
    tensor(
      shape,
      values.map((value, index) => (index === 0 ? Number.NaN : value)),
    ),
  );
  const module = { ...defineModule(unshuffledUnet, part.config, partWeights), weights };
  const file = join(await temporaryFolder(), 'spoilt.safetensors');
  await writeFile(file, encodeModule(module));
  const refused = beginningOf(whole({ from: file }));
  await expect(refused).rejects.toThrow(ModelError);
  await expect(refused).rejects.toThrow(name);
});
