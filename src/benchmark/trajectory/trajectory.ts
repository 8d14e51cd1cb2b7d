import { createEngine } from '../../engine/engine.js';
import { defineJob } from '../../engine/job.js';
import type { Square, TrajectoryFacts } from '../../reports/trajectory-page.js';
import type { RunOptions } from '../../restore-files/restore.js';
import type { BurstFilesRequest } from '../../restore-files/restore-request.js';

const trajectoryJob = defineJob<typeof import('./trajectory-job.js').writePage>(
  new URL('./trajectory-job.js', import.meta.url),
  'writePage',
);

/** Options of a trajectory, with progress and cancellation. */
export interface TrajectoryCall extends TrajectoryRequest, RunOptions {}

/**
 * Restores an image file, or a burst of RAW files, in an engine process and writes a page of how
 * the result came about: x_t, x_D and the estimate of x0 for every step, with x_IR, times, noise
 * levels and the weights of x_IR. The chain is that of `restoreFile` with the same settings, in one
 * piece.
 * @param inputs one image, or frames of a burst, their folder or globs.
 * @param page an HTML file, which appears whole or not at all.
 * @throws InputError or OutputError for the files, ParameterError for settings or a square out of
 * range, ModelError, EngineError, LimitError or CancelledError.
 * @example
 * await writeTrajectory(['photo.png'], 'steps.html', { pack: 'sr4', steps: 4 });
 */
export async function writeTrajectory(
  inputs: readonly string[],
  page: string,
  { engine, signal, onProgress, ...request }: TrajectoryCall = {},
): Promise<TrajectoryFacts> {
  const own = engine ?? createEngine();
  try {
    return await own.run(
      trajectoryJob,
      { ...request, inputs, page },
      {
        signal,
        onProgress,
      },
    );
  } finally {
    if (engine === undefined) await own.close();
  }
}

/** The restoration to trace, and the square to show. */
export interface TrajectoryRequest
  extends Pick<
    BurstFilesRequest,
    | ('pack' | 'task' | 'modules' | 'device' | 'threads' | 'maxPixels' | 'tile' | 'seed')
    | ('tau' | 'steps' | 'start' | 'sampler' | 'eta' | 'variance' | 'noiseLevel')
    | ('consistency' | 'detail' | 'allowBeyondTraining')
    | ('scale' | 'frames' | 'reference')
  > {
  /** What is shown of every step; default: 192 pixels in the middle. */
  readonly crop?: Square | undefined;
  /** Most steps shown, including the first and the last; default 24. */
  readonly shown?: number | undefined;
}
