import type { JobContext } from '../engine/process/job.js';
import { type TrainingOptions, type TrainingResult, train } from './trainer.js';

/** A training run as a job of an engine process. */
export async function trainingJob(
  context: JobContext,
  payload: TrainingOptions & { readonly device?: string; readonly threads?: number },
): Promise<TrainingResult> {
  const { device, threads, ...options } = payload;
  const runner = await context.runner({
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
  });
  return train(options, runner, (progress) => context.progress(progress));
}
