import { createEngine } from '../engine/engine.js';
import { defineJob } from '../engine/job.js';
import type { TrainingMemory } from './cost/training-memory.js';
import type { TrainingEvent, TrainingJobOptions } from './job.js';
import type { RunPlace } from './prepare.js';
import type { TrainingProgress } from './run/log.js';
import type { ValidationEntry } from './validation/validation.js';

const trainingJob = defineJob<typeof import('./job.js').runTrainingJob>(
  new URL('./job.js', import.meta.url),
  'runTrainingJob',
);

/** A step of a large recipe takes minutes on few cores, and the state is saved after it. */
const graceMs = 600_000;

/**
 * Carries out a training run in a process of its own, which ends with this one.
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

/** Where and how a recipe is carried out. */
export interface TrainingOptions extends RunPlace {
  /** Seconds between saves; default 120. */
  readonly saveEvery?: number | undefined;
  /** Steps between log lines; default 20. */
  readonly logEvery?: number | undefined;
}

/** Who is told of a run's course. */
export interface TrainingListener {
  /**
   * Receives the steps done and the seconds of training so far: before the first step of this
   * sitting, and after each.
   */
  readonly onStep?: (step: number, seconds: number) => void;
  /** Receives the memory that the run will take, before its first step; on the CPU only. */
  readonly onMemory?: (memory: TrainingMemory) => void;
  /** Receives how many crops are restored, of how many, where they are kept. */
  readonly onRestored?: (done: number, count: number) => void;
  /** Receives every line of the log that is about steps. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Receives every line of the log that is about held-out images. */
  readonly onValidation?: (entry: ValidationEntry) => void;
  /** Receives what a user should know, such as that a damaged state was passed over. */
  readonly onWarning?: (message: string) => void;
}

export interface TrainingResult {
  readonly step: number;
  /** Seconds of training in all sittings. */
  readonly seconds: number;
  /** False where the run was stopped before its last step; it can be resumed. */
  readonly finished: boolean;
}
