import { expect, test } from 'vitest';
import { testRunner, wrappedRunner } from '../../engine/testing/runners.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import type { GraphRunner } from '../../graph/graph-runner.js';
import { pictureFolder } from '../testing/picture-folder.js';
import { denoiserRecipe } from '../testing/recipes.js';
import { logOf } from '../testing/runs.js';
import { train } from '../trainer.js';
import { loadRun } from './run-folder.js';

/** The CPU under another name. */
async function runnerNamed(effective: string): Promise<GraphRunner> {
  return wrappedRunner(await testRunner(), { device: { effective } });
}

test('a run that goes on on another device says so, once', async () => {
  const output = await temporaryFolder();
  const data = await pictureFolder([40, 40]);
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
    await train({ recipe, output, resume: steps > 1, workers: 0 }, runner, { onWarning });
    await runner.dispose();
    expect((await loadRun(output))!.device).toBe(device);
  }
  expect(warnings).toEqual([
    '3: the run goes on on cpu, having been on other: to the same figures but for rounding, not to the same bits',
  ]);
  expect((await logOf(output)).filter((line) => 'warning' in line)).toHaveLength(1);
});
