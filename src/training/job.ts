import type { JobContext } from '../engine/job.js';
import type { DeviceReport } from '../graph/graph-runner.js';
import type { TrainingMemory } from './cost/training-memory.js';
import { importParts } from './custom-parts.js';
import type { TrainingProgress } from './run/log.js';
import type { TrainingListener, TrainingOptions, TrainingResult } from './run-training.js';
import { trainUntilStopped } from './training-loop.js';
import type { ValidationEntry } from './validation/validation.js';

/** A training run in a separate process. */
export interface TrainingJobOptions extends TrainingOptions {
  /** `cpu` (default) or another name that `listDevices()` gives. */
  readonly device?: string | undefined;
  /** CPU threads; default: as many as the machine runs at once. */
  readonly threads?: number | undefined;
  /**
   * File URL of a module that exports what the caller brings (`dataset`, `loss`, `networks`, as in
   * `CustomParts`): functions do not cross to the engine process, so it imports them itself.
   */
  readonly definitions?: string | undefined;
}

/** A message of a training job to its caller. */
export type TrainingEvent =
  | { readonly kind: 'started'; readonly pid: number; readonly device: DeviceReport }
  | { readonly kind: 'memory'; readonly memory: TrainingMemory }
  | { readonly kind: 'restored'; readonly done: number; readonly count: number }
  | { readonly kind: 'step'; readonly step: number; readonly seconds: number }
  | { readonly kind: 'log'; readonly entry: TrainingProgress }
  | { readonly kind: 'validation'; readonly entry: ValidationEntry }
  | { readonly kind: 'warning'; readonly message: string };

/**
 * A training run as a job of an engine process. A job cancelled between steps answers with an
 * unfinished result, once its state is saved.
 */
export async function runTrainingJob(
  context: JobContext<TrainingEvent>,
  payload: TrainingJobOptions,
): Promise<TrainingResult> {
  const { device, threads, definitions, ...options } = payload;
  const report = (event: TrainingEvent): void => context.progress(event);
  const runner = await context.runner({
    planMemory: false,
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
  });
  report({ kind: 'started', pid: process.pid, device: runner.device });
  const custom = definitions === undefined ? {} : await importParts(definitions);
  const listener: TrainingListener = {
    onStep: (step, seconds) => report({ kind: 'step', step, seconds }),
    onMemory: (memory) => report({ kind: 'memory', memory }),
    onRestored: (done, count) => report({ kind: 'restored', done, count }),
    onProgress: (entry) => report({ kind: 'log', entry }),
    onValidation: (entry) => report({ kind: 'validation', entry }),
    onWarning: (message) => report({ kind: 'warning', message }),
  };
  return trainUntilStopped(options, runner, listener, custom);
}
