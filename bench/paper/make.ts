import { rename, rm } from 'node:fs/promises';
import { command as data } from '../../src/cli/commands/data.js';
import { command as train } from '../../src/cli/commands/train/train.js';
import { runCli } from '../../src/cli/run.js';
import { CancelledError, ModelError } from '../../src/utils/errors.js';
import { type DatasetName, datasetState, makingCommand, makingWords } from './datasets.js';
import { moduleState, stateText } from './module-state.js';
import { trainedModule, trainingWords } from './modules.js';
import { type Places, runFolder } from './places.js';

/**
 * Makes a test set that is not there, where its images are.
 * @throws ModelError where that fails.
 */
export async function makeDataset(
  name: DatasetName,
  places: Places,
  signal: AbortSignal,
): Promise<void> {
  if ((await datasetState(name, places)) !== 'to make') return;
  await dpIr(makingWords(name, places)!, makingCommand(name, places)!, signal);
}

/**
 * Trains a module up to a number of steps, from where an earlier run left it. A run between
 * modules that have changed since is put aside as `NAME.outdated` and begun anew.
 * @throws ModelError where that fails, or a module that it needs is not there.
 */
export async function trainModule(
  name: string,
  places: Places,
  {
    steps,
    threads,
    signal,
  }: {
    readonly steps: number;
    readonly threads: number | undefined;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const module = trainedModule(name);
  const folder = runFolder(name, places);
  const state = await moduleState(name, places);
  if (state.kind === 'trained' && state.steps >= steps) return;
  if (state.kind === 'outdated') {
    await rm(`${folder}.outdated`, { recursive: true, force: true });
    await rename(folder, `${folder}.outdated`);
  }
  const goesOn = state.kind === 'trained' || state.kind === 'unfinished';
  const words = goesOn
    ? ['train', module.kind, '-o', folder, '--resume', '--steps', String(steps)]
    : trainingWords(module, places, steps);
  if (threads !== undefined) words.push('--threads', String(threads));
  process.stderr.write(`${name}, ${stateText(state)}: dp-ir ${words.join(' ')}\n`);
  await dpIr(words, name, signal);
}

async function dpIr(words: readonly string[], subject: string, signal: AbortSignal): Promise<void> {
  // Results are what the program itself says, so commands say theirs elsewhere.
  const streams = { stdout: process.stderr, stderr: process.stderr };
  const code = await runCli([data, train], words, streams, signal);
  if (signal.aborted) throw new CancelledError(subject);
  if (code !== 0) throw new ModelError(subject, 'could not be made');
}
