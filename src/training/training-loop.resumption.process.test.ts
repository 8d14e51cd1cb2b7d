import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { testRunner, wrappedRunner } from '../engine/testing/runners.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import type { GraphRunner } from '../graph/graph-runner.js';
import { CancelledError, ModelError } from '../utils/errors.js';
import type { Recipe } from './recipe.js';
import { LOG_FILE } from './run/log.js';
import { loadRun, WEIGHTS_FILE } from './run/run-folder.js';
import { imageFolder, trainModules } from './testing/fixtures.js';
import {
  burstRecipe,
  deblurRecipe,
  denoiserRecipe,
  fusionRecipe,
  restorerRecipe,
} from './testing/recipes.js';
import { contentOf, logOf, trainHere } from './testing/runs.js';
import { trainOn } from './training-loop.js';

const data = await imageFolder([60, 44], [40, 70]);
const modules = await trainModules(data);
const recipes: Record<string, Recipe> = {
  restorer: restorerRecipe(data),
  deblurrer: deblurRecipe(data),
  burst: burstRecipe(data),
  denoiser: denoiserRecipe(data),
  fusion: fusionRecipe(data, modules),
};

test.each(['restorer', 'deblurrer', 'burst', 'denoiser', 'fusion'])(
  'a %s stopped and resumed has the bits of an uninterrupted one',
  async (kind) => {
    const recipe = recipes[kind]!;
    const whole = await temporaryFolder();
    expect(await trainHere({ recipe, output: whole })).toMatchObject({ step: 12, finished: true });
    const parts = await temporaryFolder();
    for (const [index, stopAt] of [0, 5, 11].entries()) {
      const loop = trainHere({ recipe, output: parts, resume: index > 0 }, stopAt);
      await expect(loop).rejects.toThrow(CancelledError);
      expect((await loadRun(parts))!.step).toBe(stopAt);
    }
    expect(await trainHere({ recipe, output: parts, resume: true })).toMatchObject({ step: 12 });
    expect(await contentOf(parts)).toEqual(await contentOf(whole));
    expect((await readdir(parts)).sort()).toEqual([LOG_FILE, 'state.safetensors', WEIGHTS_FILE]);
  },
);

test('a resumed run drops what the log says beyond its state', async () => {
  const output = await temporaryFolder();
  const recipe = recipes.restorer!;
  await trainHere({ recipe, output, logEvery: 2 }, 6).catch(() => undefined);
  await writeFile(join(output, LOG_FILE), '{"step":8,"loss":1}\n', { flag: 'a' });
  await trainHere({ recipe, output, resume: true, logEvery: 2 });
  expect((await logOf(output)).map(({ step }) => step)).toEqual([2, 4, 6, 8, 10, 12]);
});

test('a run begun anew where one was killed before its first save has a log of its own', async () => {
  const output = await temporaryFolder();
  await writeFile(join(output, LOG_FILE), '{"step":1,"loss":1}\n{"step":2,"loss":1}\n{"st');
  await trainHere({ recipe: restorerRecipe(data, { steps: 3 }), output, logEvery: 1 });
  expect((await logOf(output)).map(({ step, steps }) => [step, steps])).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
});

test('training more steps than before goes on from the end', async () => {
  const output = await temporaryFolder();
  await trainHere({ recipe: restorerRecipe(data, { steps: 4 }), output });
  await trainHere({ recipe: restorerRecipe(data, { steps: 6 }), output, resume: true });
  expect(await loadRun(output)).toMatchObject({ step: 6, recipe: { steps: 6 } });
  const less = trainHere({ recipe: restorerRecipe(data, { steps: 5 }), output, resume: true });
  await expect(less).rejects.toThrow('steps: expected at least the 6 that are done, received 5');
});

test('weights that a killed process left behind its state are written anew', async () => {
  const recipe = recipes.restorer!;
  const whole = await temporaryFolder();
  await trainHere({ recipe, output: whole });
  const output = await temporaryFolder();
  await trainHere({ recipe, output }, 5).catch(() => undefined);
  const older = await readFile(join(output, WEIGHTS_FILE));
  await trainHere({ recipe, output, resume: true });
  await writeFile(join(output, WEIGHTS_FILE), older);
  await writeFile(join(output, '.state.safetensors.0123456789ab.tmp'), 'half');
  await trainHere({ recipe, output, resume: true });
  expect(await contentOf(output)).toEqual(await contentOf(whole));
  expect((await readdir(output)).sort()).toEqual([LOG_FILE, 'state.safetensors', WEIGHTS_FILE]);
});

test('a fusion run is resumed between the modules that it began with, and no others', async () => {
  const output = await temporaryFolder();
  const copy = join(await temporaryFolder(), 'restorer.safetensors');
  await writeFile(copy, await readFile(modules.restorer));
  const recipe = fusionRecipe(data, { ...modules, restorer: copy });
  await trainHere({ recipe, output }, 2).catch(() => undefined);
  expect((await loadRun(output))!.modules.restorer).toMatch(/^[0-9a-f]{64}$/);
  const other = await temporaryFolder();
  await trainHere({ recipe: restorerRecipe(data, { steps: 1, seed: 99 }), output: other });
  await writeFile(copy, await readFile(join(other, WEIGHTS_FILE)));
  const work = trainHere({ recipe, output, resume: true });
  await expect(work).rejects.toThrow(ModelError);
  await expect(work).rejects.toThrow(`${copy}: is not the restorer that this run began with`);
});

const program = fileURLToPath(new URL('./testing/train-and-save.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

test('a run whose process is killed goes on from its last save to the same bits', async () => {
  const recipe = restorerRecipe(await imageFolder([60, 44], [40, 70]), { steps: 3000 });
  const output = await temporaryFolder();
  const argv = ['--import', tsx, program, JSON.stringify(recipe), output];
  const child = spawn(process.execPath, argv, { stdio: 'inherit' });
  const exit = once(child, 'exit');
  await expect
    .poll(async () => (await loadRun(output))?.step ?? 0, { interval: 10 })
    .toBeGreaterThan(4);
  child.kill('SIGKILL');
  await exit;
  const { step } = (await loadRun(output))!;
  expect(step).toBeLessThan(3000);
  const stop = step + 3;
  await trainHere({ recipe, output, resume: true, logEvery: 1 }, stop).catch(() => undefined);
  const whole = await temporaryFolder();
  await trainHere({ recipe, output: whole, logEvery: 1 }, stop).catch(() => undefined);
  expect(await contentOf(output)).toEqual(await contentOf(whole));
  const steps = (await logOf(output)).map((entry) => entry.step);
  expect(steps).toEqual(Array.from({ length: stop }, (_, index) => index + 1));
});

/** The CPU under another name. */
async function runnerNamed(effective: string): Promise<GraphRunner> {
  return wrappedRunner(await testRunner(), { device: { effective } });
}

test('a run that goes on on another device says so, once', async () => {
  const output = await temporaryFolder();
  const data = await imageFolder([40, 40]);
  const warnings: string[] = [];
  for (const [steps, device] of [
    [1, 'other'],
    [2, 'other'],
    [3, 'cpu'],
    [4, 'cpu'],
  ] as const) {
    const runner = await runnerNamed(device);
    const recipe = denoiserRecipe(data, { steps });
    const onWarning = (message: string) => warnings.push(`${steps}: ${message}`);
    await trainOn({ recipe, output, resume: steps > 1, workers: 0 }, runner, { onWarning });
    await runner.dispose();
    expect((await loadRun(output))!.device).toBe(device);
  }
  expect(warnings).toEqual([
    '3: the run continues on cpu after other: results agree up to rounding, not bit by bit',
  ]);
  expect((await logOf(output)).filter((line) => 'warning' in line)).toHaveLength(1);
});
