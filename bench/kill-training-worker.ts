import { createLocalRunner } from '../src/engine/local-runner.js';
import { parseRecipe } from '../src/training/recipe.js';
import { loadRun } from '../src/training/run/run-folder.js';
import { trainOn } from '../src/training/training-loop.js';

/**
 * Begins or resumes a run in a folder, saves after every step, and says `training` before its first
 * step: a program to be killed.
 */
const [json = '', output = ''] = process.argv.slice(2);
const runner = await createLocalRunner({ threads: 1 });
const resume = (await loadRun(output)) !== undefined;
const place = { recipe: parseRecipe(JSON.parse(json)), output, resume, workers: 0 };
let said = false;
await trainOn({ ...place, saveEvery: 0, logEvery: 1 }, runner, {
  onStep: () => {
    if (!said) process.stdout.write('training\n');
    said = true;
  },
  onWarning: (message) => process.stderr.write(`${message}\n`),
});
