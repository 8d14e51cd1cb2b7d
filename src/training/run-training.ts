import { createEngine } from '../engine/engine.js';
import type { TrainingEvent, TrainingJobOptions } from './job.js';
import type { TrainingResult } from './training-options.js';

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
    return await engine.run<TrainingResult>(
      new URL('./job.js', import.meta.url),
      'trainingJob',
      job,
      {
        ...(signal === undefined ? {} : { signal }),
        onProgress: (message) => {
          const event = message as TrainingEvent;
          if (event.kind === 'started') child = event.pid;
          onEvent?.(event);
        },
      },
    );
  } finally {
    process.off('exit', kill);
    await engine.close();
  }
}
