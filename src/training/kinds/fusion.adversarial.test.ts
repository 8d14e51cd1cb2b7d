import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { evaluate } from '../../graph/testing/evaluate.js';
import { expectClose } from '../../graph/testing/tensors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { decodeModule } from '../../weights/module-file.js';
import { defineTraining } from '../definition.js';
import { initialWeights, loadFrozen } from '../initial-weights.js';
import { openPhotographs } from '../photographs/photographs.js';
import { loadRun, WEIGHTS_FILE } from '../run/run-folder.js';
import { imageFolder, trainModules } from '../testing/fixtures.js';
import { fusionRecipe } from '../testing/recipes.js';
import { contentOf, trainHere } from '../testing/runs.js';

const data = await imageFolder([60, 44], [40, 70]);
const files = await trainModules(data);
const adversarial = { weight: 0.1, features: 0.1, widths: [4] };
const sampled = { states: { restored: 1, between: 0 }, timesteps: { maximum: 50, law: 'uniform' } };

async function batchOf(changes: object, step = 1) {
  const recipe = fusionRecipe(data, files, changes);
  const { modules } = await loadFrozen(recipe);
  const definition = defineTraining(recipe, modules);
  const batch = await definition.batch(await openPhotographs(data), step);
  return { definition, batch: batch as Record<string, Tensor> };
}

test('states lie around x_IR, the target or between them, in the shares asked for', async () => {
  const many = { batch: 128, crop: 8, states: { restored: 0.5, between: 0.25 } };
  const { batch } = await batchOf(many);
  const shares = [...batch.restoredShare!.data];
  const part = (of: (share: number) => boolean) => shares.filter(of).length / shares.length;
  expect(part((share) => share === 1)).toBeCloseTo(0.5, 0);
  expect(part((share) => share === 0)).toBeCloseTo(0.25, 0);
  expect(part((share) => share > 0 && share < 1)).toBeGreaterThan(0.1);
});

test('a state around x_IR gives the network nothing of the target', async () => {
  const { definition, batch } = await batchOf(sampled);
  const trained = initialWeights(definition.trained, 1);
  const weights = new Map([...definition.frozen, ...trained]);
  const estimateOf = async (feeds: Record<string, Tensor>) =>
    (await evaluate({ y: definition.estimate }, feeds, weights)).y!.data as Float32Array;
  const other = { ...batch, target: { ...batch.target!, data: batch.noise!.data } };
  expectClose(
    tensor([4], (await estimateOf(other)).slice(0, 4)),
    tensor([4], (await estimateOf(batch)).slice(0, 4)),
  );
});

test('the listed timesteps are drawn and no others', async () => {
  const timesteps = { maximum: 50, law: 'uniform', values: [3, 20] };
  const { batch } = await batchOf({ batch: 32, crop: 8, timesteps });
  expect(new Set(batch.t!.data)).toEqual(new Set([3, 20]));
});

test('shares of more than all samples are refused', () => {
  const states = { restored: 0.7, between: 0.4 };
  expect(() => fusionRecipe(data, files, { states })).toThrow(ParameterError);
});

test('a run against a discriminator resumes to the same bits and gives a fusion network', async () => {
  const recipe = fusionRecipe(data, files, { ...sampled, adversarial, steps: 6 });
  const [straight, stopped] = [await temporaryFolder(), await temporaryFolder()];
  await trainHere({ recipe, output: straight });
  await expect(trainHere({ recipe, output: stopped }, 3)).rejects.toThrow();
  await trainHere({ recipe, output: stopped, resume: true });
  expect(await contentOf(stopped)).toEqual(await contentOf(straight));
  const { tensors } = (await loadRun(straight))!;
  const judges = [...tensors.keys()].filter((name) => name.includes('discriminator.'));
  expect(judges).toContain('discriminator.scales.0.first.weight');
  const module = decodeModule(await readFile(join(straight, WEIGHTS_FILE)), 'weights');
  expect([...module.weights.keys()].filter((name) => name.includes('discriminator'))).toEqual([]);
});

test('the error of restored crops is measured once and kept by the run', async () => {
  const output = await temporaryFolder();
  const recipe = fusionRecipe(data, files, { steps: 2 });
  await trainHere({ recipe, output });
  const saved = (await loadRun(output))!.recipe;
  const measured = saved.kind === 'fusion' ? saved.restoredError! : Number.NaN;
  // Of a network of three steps and small images: far from that of any real one.
  expect(measured).toBeGreaterThan(1e-3);
  const { batch } = await batchOf({ restoredError: measured });
  const { batch: other } = await batchOf({ restoredError: measured / 100 });
  expect(other.sampleWeight!.data[0]).toBeGreaterThan(batch.sampleWeight!.data[0]!);
  await trainHere({ recipe: { ...recipe, steps: 3 }, output, resume: true });
  expect((await loadRun(output))!.recipe).toMatchObject({ restoredError: measured, steps: 3 });
});
