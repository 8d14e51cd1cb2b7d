import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLocalRunner } from '../../engine/local-runner.js';
import { type PreparedRun, prepareRun, readInputs } from '../prepare.js';
import { LOG_FILE, type TrainingProgress } from '../run/log.js';
import { loadRun, WEIGHTS_FILE } from '../run/run-folder.js';
import type { TrainingOptions, TrainingResult } from '../run-training.js';
import { trainOn } from '../training-loop.js';

/** Trains in this process on one thread, batches included; cancelled once `stopAt` steps are done. */
export async function trainHere(
  options: TrainingOptions,
  stopAt = Number.POSITIVE_INFINITY,
): Promise<TrainingResult> {
  const cancellation = new AbortController();
  const runner = await createLocalRunner({ threads: 1, signal: cancellation.signal });
  try {
    return await trainOn({ workers: 0, ...options }, runner, {
      onStep: (step) => {
        if (step >= stopAt) cancellation.abort();
      },
    });
  } finally {
    await runner.dispose();
  }
}

/** Everything of a run that must not depend on how often it was stopped, as text. */
export async function contentOf(folder: string): Promise<object> {
  const saved = await loadRun(folder);
  const tensors = [...saved!.tensors].map(([name, { shape, data }]) => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    return [name, `${shape.join('x')} ${bytes.toString('base64')}`];
  });
  const weights = await readFile(join(folder, WEIGHTS_FILE));
  return {
    step: saved!.step,
    tensors: Object.fromEntries(tensors),
    weights: weights.toString('base64'),
  };
}

/** The lines of a run's log. */
export async function logOf(folder: string): Promise<TrainingProgress[]> {
  const text = await readFile(join(folder, LOG_FILE), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as TrainingProgress);
}

/** A run read and prepared as training does it. */
export async function prepareFrom(options: TrainingOptions): Promise<PreparedRun> {
  return prepareRun(options, await readInputs(options));
}
