import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLocalRunner } from '../../engine/local-runner.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { decodeModule } from '../../weights/module-file.js';
import { trainingCost } from '../cost/trial.js';
import type { Recipe } from '../recipe.js';
import { loadRun, WEIGHTS_FILE } from '../run/run-folder.js';
import { imageFolder, trainModules } from '../testing/fixtures.js';
import { denoiserRecipe, fusionRecipe, restorerRecipe } from '../testing/recipes.js';
import { contentOf, prepareFrom, trainHere } from '../testing/runs.js';
import { compileStep } from './compile-step.js';
import type { TrainingState } from './state.js';
import { oneStep } from './training-step.js';

const data = await imageFolder([60, 44], [40, 70]);
const modules = await trainModules(data);
const recipes: Record<string, (changes: object) => Recipe> = {
  restorer: (changes) => restorerRecipe(data, changes),
  denoiser: (changes) => denoiserRecipe(data, changes),
  fusion: (changes) => fusionRecipe(data, modules, changes),
};

/** The loss and the state after the first step of a recipe. */
async function firstStep(
  recipe: Recipe,
  threads = 1,
): Promise<{ loss: number; state: TrainingState }> {
  const run = await prepareFrom({ recipe, output: await temporaryFolder(), workers: 0 });
  const runner = await createLocalRunner({ threads });
  try {
    return await oneStep(1, run.state, await compileStep(run, runner));
  } finally {
    await runner.dispose();
    await run.close();
  }
}

/** Norm of the difference of all tensors of a kind, over the norm of those of the second state. */
function distance(one: TrainingState, other: TrainingState, prefix: string): number {
  let [difference, size] = [0, 0];
  for (const [name, { data: values }] of other)
    if (name.startsWith(prefix))
      values.forEach((value, i) => {
        difference += (one.get(name)!.data[i]! - value) ** 2;
        size += value ** 2;
      });
  return Math.sqrt(difference / size);
}

test.each([
  ['restorer', 2, 3],
  ['restorer', 1, 4],
  ['denoiser', 3, 2],
  ['denoiser', 1, 5],
  ['fusion', 2, 2],
])('a %s of %i crops, %i times, learns as from one batch of all', async (kind, batch, times) => {
  const recipe = recipes[kind]!;
  const parts = await firstStep(recipe({ batch, accumulate: times, seed: batch + 10 * times }));
  const whole = await firstStep(recipe({ batch: batch * times, seed: batch + 10 * times }));
  expect(Math.abs(parts.loss / whole.loss - 1)).toBeLessThan(1e-6);
  expect(distance(parts.state, whole.state, 'first:')).toBeLessThan(1e-6);
  expect(distance(parts.state, whole.state, 'second:')).toBeLessThan(2e-6);
  const once = await firstStep(recipe({ batch, seed: batch + 10 * times }));
  expect(distance(once.state, whole.state, 'first:')).toBeGreaterThan(1e-3);
});

test('batches that run at the same time give the bits of one after the other', async () => {
  const recipe = recipes.denoiser!({
    batch: 4,
    accumulate: 3,
    crop: 40,
    config: { unshuffle: 2, widths: [64, 64], blocks: 1 },
  });
  expect((await trainingCost({ ...recipe, accumulate: 1 })).macs).toBeGreaterThan(6e8);
  const alone = await firstStep(recipe);
  expect(await firstStep(recipe, 2)).toEqual({ ...alone, making: expect.any(Number) });
});

test('accumulated and clipped steps are resumed to the same bits', async () => {
  const recipe = recipes.denoiser!({ accumulate: 2, clip: 0.01, weightDecay: 0.1, steps: 4 });
  const whole = await temporaryFolder();
  await trainHere({ recipe, output: whole });
  const parts = await temporaryFolder();
  await trainHere({ recipe, output: parts }, 2).catch(() => undefined);
  await trainHere({ recipe, output: parts, resume: true });
  expect(await contentOf(parts)).toEqual(await contentOf(whole));
});

test('the norm of all gradients of a step is at most the one to clip to', async () => {
  const limit = 1e-3;
  const { state } = await firstStep(recipes.restorer!({ clip: limit }));
  let squares = 0;
  // After one step the first moment is a tenth of the gradient.
  for (const [name, { data: values }] of state)
    if (name.startsWith('first:')) for (const value of values) squares += (10 * value) ** 2;
  expect(Math.sqrt(squares) / limit).toBeCloseTo(1, 4);
});

test('weight decay moves weights apart from the gradient by rate x decay', async () => {
  const settings = { learningRate: 1e-2, warmup: 0, schedule: { kind: 'cosine' } };
  const plain = await firstStep(recipes.restorer!(settings));
  const decayed = await firstStep(recipes.restorer!({ ...settings, weightDecay: 0.5 }));
  const start = (await prepared(recipes.restorer!(settings))).state;
  for (const [name, { data: before }] of start) {
    if (name.includes(':')) continue;
    before.forEach((value, i) => {
      const moved = plain.state.get(name)!.data[i]! - 1e-2 * 0.5 * value;
      expect(Math.abs(decayed.state.get(name)!.data[i]! - moved)).toBeLessThan(1e-7);
    });
  }
});

test('other constants of Adam make other steps', async () => {
  const plain = await firstStep(recipes.restorer!({}));
  const other = await firstStep(recipes.restorer!({ adam: { beta1: 0.5 } }));
  expect(distance(plain.state, other.state, 'first:')).toBeCloseTo(0.8, 5);
});

test('frozen parameters keep their bits, the others move, and the result has all of them', async () => {
  const output = await temporaryFolder();
  const recipe = recipes.restorer!({
    freeze: ['head.*', '*.bias'],
    steps: 5,
    from: modules.restorer,
  });
  await trainHere({ recipe, output }, 3).catch(() => undefined);
  await trainHere({ recipe, output, resume: true });
  const before = decodeModule(await readFile(modules.restorer), 'before').weights;
  const after = decodeModule(await readFile(join(output, WEIGHTS_FILE)), 'after').weights;
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  for (const [name, { data: values }] of before) {
    const held = name.startsWith('head.') || name.endsWith('.bias');
    if (held) expect(after.get(name)!.data).toEqual(values);
    else expect(after.get(name)!.data).not.toEqual(values);
  }
  const { tensors } = (await loadRun(output))!;
  expect(tensors.has('first:head.weight')).toBe(false);
  expect(tensors.has('head.weight')).toBe(true);
});

test('the cost of a step counts all its batches, and no gradients of frozen parameters', async () => {
  const plain = await trainingCost(recipes.denoiser!({}));
  const four = await trainingCost(recipes.denoiser!({ accumulate: 4 }));
  expect(four).toEqual({ parameters: plain.parameters, macs: 4 * plain.macs });
  const frozen = await trainingCost(recipes.restorer!({ freeze: ['head.*'] }));
  const whole = await trainingCost(recipes.restorer!({}));
  expect(whole.parameters - frozen.parameters).toBe(4 * 3 * 9 + 4);
  expect(frozen.macs).toBeLessThan(whole.macs);
});

async function prepared(recipe: Recipe) {
  const run = await prepareFrom({ recipe, output: await temporaryFolder(), workers: 0 });
  await run.close();
  return run;
}
