import { createEngine } from '../engine/engine.js';
import { defineJob } from '../engine/job.js';
import type { TrainingMemory } from './cost/training-memory.js';
import type { TrainingEvent, TrainingJobOptions } from './job.js';
import type { Recipe } from './recipe.js';
import type { TrainingProgress } from './run/log.js';
import type { ValidationEntry } from './validation/validation.js';

const trainingJob = defineJob<typeof import('./job.js').runTrainingJob>(
  new URL('./job.js', import.meta.url),
  'runTrainingJob',
);

/** A step of a large recipe takes minutes on few cores, and the state is saved after it. */
const graceMs = 600_000;

/**
 * Trains in a separate process, which ends with this one.
 * @param options.signal stops the run after its present step; it saves its state and resolves with
 * an unfinished result.
 * @throws as `train`; CancelledError where the run was stopped before its first step, or did not
 * stop within ten minutes.
 */
export async function runTraining(
  job: TrainingJobOptions,
  options: {
    readonly signal?: AbortSignal;
    readonly onEvent?: (event: TrainingEvent) => void;
  } = {},
): Promise<TrainingResult> {
  const { signal, onEvent } = options;
  const engine = createEngine({ graceMs, keepFreed: true });
  let child: number | undefined;
  const kill = (): void => {
    try {
      if (child !== undefined) process.kill(child, 'SIGKILL');
    } catch {
      // It has gone by itself.
    }
  };
  process.once('exit', kill);
  try {
    return await engine.run(trainingJob, job, {
      signal,
      onProgress: (event) => {
        if (event.kind === 'started') child = event.pid;
        onEvent?.(event);
      },
    });
  } finally {
    process.off('exit', kill);
    await engine.close();
  }
}

/** A recipe and how to train it. */
export interface TrainingOptions {
  readonly recipe: Recipe;
  /** Folder of the run: state, weights and log. */
  readonly output: string;
  /** Continues the run in `output`; without it a folder with a run is refused. */
  readonly resume?: boolean | undefined;
  /**
   * Threads that make batches ahead, up to 256; default 1, or 0 on a machine with a single processor.
   * Their number changes no batch.
   */
  readonly workers?: number | undefined;
  /**
   * Segments of the network whose activations are recomputed in the backward pass (gradient
   * checkpointing): less memory and up to a third more work; default 1, which stores all.
   */
  readonly segments?: number | undefined;
  /** Most bytes of memory that the run may take; default nine tenths of the machine's. */
  readonly memory?: number | undefined;
  /** Folder of restored crops, which runs may share; default one in the folder of the run. */
  readonly cache?: string | undefined;
  /** Most bytes of that folder; default 8 GiB. The least recently used crops are removed. */
  readonly cacheBytes?: number | undefined;
  /** Seconds between saves; default 120. */
  readonly saveEvery?: number | undefined;
  /** Steps between log lines; default 20. */
  readonly logEvery?: number | undefined;
}

/** Callbacks that follow a run. */
export interface TrainingListener {
  /**
   * Receives the steps done and the seconds of training so far: before the first step after a start
   * or resumption, and after each.
   */
  readonly onStep?: ((step: number, seconds: number) => void) | undefined;
  /** Receives the memory estimate of the run, before its first step; on the CPU only. */
  readonly onMemory?: ((memory: TrainingMemory) => void) | undefined;
  /** Receives how many crops are restored, of how many, where a recipe caches them. */
  readonly onRestored?: ((done: number, count: number) => void) | undefined;
  /** Receives every line of the log about steps. */
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
  /** Receives every validation. */
  readonly onValidation?: ((entry: ValidationEntry) => void) | undefined;
  /** Receives warnings, such as that a damaged state was skipped. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface TrainingResult {
  readonly step: number;
  /** Seconds of training, those before a resumption included. */
  readonly seconds: number;
  /** False where the run was stopped before its last step; it can be resumed. */
  readonly finished: boolean;
}
