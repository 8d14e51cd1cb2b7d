import { expect, test } from 'vitest';
import { createLocalRunner } from '../engine/local-runner.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import type { Recipe } from './recipe.js';
import { loadRun } from './run/run-folder.js';
import { imageFolder } from './testing/fixtures.js';
import { denoiserRecipe, restorerRecipe } from './testing/recipes.js';
import { trainOn } from './training-loop.js';

const device = process.env.DPIR_TEST_DEVICE;
const data = await imageFolder([40, 40], [36, 50]);

/** Trains some steps on the CPU and the last one on a device; gives the state by name. */
async function endOn(lastDevice: string, recipeOf: (data: string, changes: object) => Recipe) {
  const output = await temporaryFolder();
  for (const [steps, name] of [
    [4, 'cpu'],
    [5, lastDevice],
  ] as const) {
    const runner = await createLocalRunner({ device: name, threads: 1 });
    const schedule = { kind: 'step', factor: 0.5, every: 100 };
    const recipe = recipeOf(data, { steps, schedule });
    await trainOn({ recipe, output, resume: steps > 4, workers: 0 }, runner);
    expect(runner.device.effective).toBe(name);
    await runner.dispose();
  }
  return (await loadRun(output))!.tensors;
}

test.skipIf(device === undefined)(
  'a run of the CPU goes on on the device under test as it would have on the CPU',
  async () => {
    for (const recipeOf of [restorerRecipe, denoiserRecipe]) {
      const expected = await endOn('cpu', recipeOf);
      const received = await endOn(device!, recipeOf);
      for (const [name, { data }] of expected) {
        const values = Array.from(data, Number);
        const others = Array.from(received.get(name)!.data, Number);
        const largest = Math.max(...values.map(Math.abs));
        const apart = values.map((value, index) => Math.abs(value - others[index]!));
        expect(Math.max(...apart), name).toBeLessThanOrEqual(1e-3 * largest);
      }
    }
  },
);
