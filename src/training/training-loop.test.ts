import { readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { decodeSafetensors, encodeSafetensors } from '../tensor/safetensors.js';
import { InputError, ModelError, OutputError, ParameterError } from '../utils/errors.js';
import { decodeModule } from '../weights/module-file.js';
import type { Recipe } from './recipe.js';
import { loadRun, WEIGHTS_FILE } from './run/run-folder.js';
import { imageFolder, trainModules } from './testing/fixtures.js';
import { denoiserRecipe, fusionRecipe, restorerRecipe } from './testing/recipes.js';
import { logOf, trainHere } from './testing/runs.js';

const data = await imageFolder([60, 44], [40, 70]);
const modules = await trainModules(data);
const recipes: Record<string, Recipe> = {
  restorer: restorerRecipe(data),
  denoiser: denoiserRecipe(data),
  fusion: fusionRecipe(data, modules),
};

test('the log has one line per so many steps and one for the last', async () => {
  const output = await temporaryFolder();
  await trainHere({ recipe: recipes.restorer!, output, logEvery: 5 });
  const log = await logOf(output);
  expect(log.map(({ step }) => step)).toEqual([5, 10, 12]);
  for (const entry of log) {
    expect(entry).toMatchObject({ steps: 12, loss: expect.any(Number) });
    expect(entry.batchShare).toBeGreaterThan(0);
    expect(entry.batchShare).toBeLessThan(1);
  }
});

test.each(['restorer', 'denoiser', 'fusion'])('training a %s lowers its loss', async (kind) => {
  const output = await temporaryFolder();
  const recipe: Recipe = { ...recipes[kind]!, steps: 120, learningRate: 5e-3 };
  await trainHere({ recipe, output, logEvery: 10 });
  const losses = (await logOf(output)).map(({ loss }) => loss);
  expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);
});

test('the weights are the averaged ones, as a module of the recipe', async () => {
  const output = await temporaryFolder();
  await trainHere({ recipe: recipes.denoiser!, output });
  const module = decodeModule(await readFile(join(output, WEIGHTS_FILE)), 'weights');
  expect(module.network.name).toBe('unshuffled-unet');
  expect(module.config).toMatchObject(recipes.denoiser!.config);
  const { tensors } = (await loadRun(output))!;
  for (const [name, { data: values }] of module.weights) {
    expect(values).toEqual(tensors.get(`average:${name}`)!.data);
    expect(values).not.toEqual(tensors.get(name)!.data);
  }
});

test('the weights of a network with reference names read back', async () => {
  const output = await temporaryFolder();
  const config = { in_channels: 4, n_feat: 8, n_RRG: 1, n_MSRB: 1, height: 1, width: 1 };
  await trainHere({
    recipe: denoiserRecipe(data, { network: 'mirnet', config, steps: 1, batch: 1 }),
    output,
  });
  const module = decodeModule(await readFile(join(output, WEIGHTS_FILE)), 'weights');
  expect(module.network.name).toBe('mirnet');
  expect(module.config).toMatchObject({ features: 8, groups: 1 });
});

test('a loss that is not finite ends the run, and nothing of that step is saved', async () => {
  const output = await temporaryFolder();
  const recipe = restorerRecipe(data, { learningRate: 1e30, loss: 'mse', warmup: 0 });
  const work = trainHere({ recipe, output, saveEvery: 0, logEvery: 1 });
  await expect(work).rejects.toThrow(ModelError);
  await expect(work).rejects.toThrow(
    /^training: step 2: .* head\.weight .* lower the learning rate/,
  );
  const { step, tensors } = (await loadRun(output))!;
  expect(step).toBe(1);
  for (const { data: values } of tensors.values())
    expect([...(values as Float32Array)].every(Number.isFinite)).toBe(true);
  expect((await logOf(output)).map((entry) => entry.step)).toEqual([1]);
});

test('a run with clipped or accumulated gradients that diverges names the tensor too', async () => {
  for (const changes of [{ clip: 1e30 }, { accumulate: 2 }]) {
    const output = await temporaryFolder();
    const recipe = restorerRecipe(data, {
      ...changes,
      learningRate: 1e30,
      loss: 'mse',
      warmup: 0,
      keep: 2,
    });
    const work = trainHere({ recipe, output, saveEvery: 0 });
    await expect(work).rejects.toThrow(/^training: step 2: .*gradient of [a-z0-9.]+ is not finite/);
    expect(await loadRun(output)).toMatchObject({ step: 1, damaged: [] });
  }
});

test('a NaN put into the weights of a state stops the run before a step, and the file is as it was', async () => {
  const output = await temporaryFolder();
  const recipe = restorerRecipe(data, { steps: 4 });
  await trainHere({ recipe, output }, 2).catch(() => undefined);
  const file = join(output, 'state.safetensors');
  const { tensors, metadata } = decodeSafetensors(await readFile(file), 'state');
  tensors.get('tail.weight')!.data[5] = Number.NaN;
  const spoilt = encodeSafetensors(tensors, metadata);
  await writeFile(file, spoilt);
  const work = trainHere({ recipe, output, resume: true });
  await expect(work).rejects.toThrow(ModelError);
  await expect(work).rejects.toThrow(`${output}: tail.weight holds a value that is not finite`);
  expect(new Uint8Array(await readFile(file))).toEqual(spoilt);
});

test('weights of another configuration are started from where all shapes agree, or named', async () => {
  const config = { unshuffle: 2, widths: [4, 6], blocks: 1, prediction: 'preconditioned' };
  const settings = { steps: 1, learningRate: 1e-12, from: modules.denoiser };
  const output = await temporaryFolder();
  await trainHere({ recipe: denoiserRecipe(data, { ...settings, config }), output });
  const started = decodeModule(await readFile(modules.denoiser), 'start').weights;
  const { weights } = decodeModule(await readFile(join(output, WEIGHTS_FILE)), 'end');
  for (const [name, { data: values }] of weights)
    expect(values[0]).toBeCloseTo(started.get(name)!.data[0]!, 6);
  const wider = denoiserRecipe(data, { ...settings, config: { ...config, widths: [4, 8] } });
  const work = trainHere({ recipe: wider, output: await temporaryFolder() });
  await expect(work).rejects.toThrow(/weights\.safetensors: \S+ has the wrong shape/);
});

test('a fusion network is started from that of another scale and other modules', async () => {
  const source = await temporaryFolder();
  await trainHere({ recipe: fusionRecipe(data, modules, { steps: 2 }), output: source });
  const restorer = await temporaryFolder();
  const config = { scale: 2, features: 4, blocks: 1 };
  await trainHere({
    recipe: restorerRecipe(data, { steps: 1, scale: 2, config }),
    output: restorer,
  });
  const others = { ...modules, restorer: join(restorer, WEIGHTS_FILE) };
  const from = join(source, WEIGHTS_FILE);
  const output = await temporaryFolder();
  const recipe = fusionRecipe(data, others, { steps: 1, learningRate: 1e-12, scale: 2, from });
  await trainHere({ recipe, output });
  const started = decodeModule(await readFile(from), 'start').weights;
  const { weights } = decodeModule(await readFile(join(output, WEIGHTS_FILE)), 'end');
  for (const [name, { data: values }] of weights)
    expect(values[0]).toBeCloseTo(started.get(name)!.data[0]!, 6);
});

test('a run folder is not trained into twice, nor resumed with another recipe', async () => {
  const output = await temporaryFolder();
  const recipe = restorerRecipe(data, { steps: 2 });
  await trainHere({ recipe, output });
  await expect(trainHere({ recipe, output })).rejects.toThrow('a folder without a run');
  const other = restorerRecipe(data, { steps: 2, batch: 1 });
  await expect(trainHere({ recipe: other, output, resume: true })).rejects.toThrow(ParameterError);
  const nothing = join(await temporaryFolder(), 'run');
  await expect(trainHere({ recipe, output: nothing, resume: true })).rejects.toThrow('resume');
  await expect(readdir(nothing)).rejects.toThrow('ENOENT');
});

test('two runs at once in one folder: the second is refused', async () => {
  const output = await temporaryFolder();
  const recipe = restorerRecipe(data, { steps: 4 });
  const outcomes = await Promise.allSettled([1, 2].map(() => trainHere({ recipe, output })));
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused).toMatchObject([{ reason: { kind: 'output', details: { subject: output } } }]);
  expect(await loadRun(output)).toMatchObject({ step: 4 });
});

test('weights can be started from, if they are of the same network', async () => {
  const output = await temporaryFolder();
  const settings = { steps: 3, learningRate: 1e-12 };
  await trainHere({
    recipe: restorerRecipe(data, { ...settings, from: modules.restorer }),
    output,
  });
  const start = decodeModule(await readFile(modules.restorer), 'start').weights;
  const end = decodeModule(await readFile(join(output, WEIGHTS_FILE)), 'end').weights;
  for (const [name, { data: values }] of end)
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(start.get(name)!.data[i]!, 6);
    });
  const recipe = restorerRecipe(data, { ...settings, from: modules.denoiser });
  const wrong = trainHere({ recipe, output: await temporaryFolder() });
  await expect(wrong).rejects.toThrow(`${modules.denoiser}: is of another network`);
});

test('a damaged photograph ends the run by name, after the steps before it are saved', async () => {
  const folder = await imageFolder([40, 40], [40, 40]);
  const damaged = join(folder, 'image-1.png');
  const bytes = await readFile(damaged);
  await writeFile(damaged, bytes.subarray(0, bytes.length / 2));
  const output = await temporaryFolder();
  const work = trainHere({ recipe: restorerRecipe(folder, { batch: 1, seed: 2 }), output });
  await expect(work).rejects.toThrow(InputError);
  await expect(work).rejects.toMatchObject({ details: { subject: damaged } });
  const { step } = (await loadRun(output))!;
  await expect(
    trainHere({ recipe: restorerRecipe(folder, { batch: 1, seed: 2 }), output, resume: true }),
  ).rejects.toMatchObject({ details: { subject: damaged } });
  expect((await loadRun(output))!.step).toBe(step);
});

test.runIf(process.platform === 'linux')(
  'a full disk ends the run; the state that was saved is intact',
  async () => {
    const output = await temporaryFolder();
    const recipe = recipes.restorer!;
    await trainHere({ recipe, output }, 5).catch(() => undefined);
    const before = await loadRun(output);
    await rm(join(output, WEIGHTS_FILE));
    await symlink('/dev/full', join(output, WEIGHTS_FILE));
    const work = trainHere({ recipe, output, resume: true });
    await expect(work).rejects.toThrow(OutputError);
    await expect(work).rejects.toThrow('the disk is full');
    expect(await loadRun(output)).toEqual(before);
    await rm(join(output, WEIGHTS_FILE));
    expect(await trainHere({ recipe, output, resume: true })).toMatchObject({ finished: true });
  },
);

test('frozen weights are checked against their network', async () => {
  const file = join(await temporaryFolder(), 'denoiser.safetensors');
  const bytes = await readFile(modules.denoiser);
  const text = bytes.toString('latin1').replace('levels.0.down.weight', 'levels.0.town.weight');
  await writeFile(file, text, 'latin1');
  const recipe = fusionRecipe(data, { ...modules, denoiser: file });
  const output = join(await temporaryFolder(), 'run');
  const work = trainHere({ recipe, output });
  await expect(work).rejects.toThrow(`${file}: lacks the parameter levels.0.down.weight`);
  await expect(readdir(output)).rejects.toThrow('ENOENT');
});
