import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { pictureFolder } from '../testing/picture-folder.js';
import { restorerRecipe } from '../testing/recipes.js';
import { contentOf, logOf, trainHere } from '../testing/runs.js';
import { loadRun } from './run-folder.js';

const program = fileURLToPath(new URL('../testing/train-and-save.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

test('a run whose process is killed goes on from its last save to the same bits', async () => {
  const recipe = restorerRecipe(await pictureFolder([60, 44], [40, 70]), { steps: 3000 });
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
