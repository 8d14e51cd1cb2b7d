import { createEngine } from '../../engine/engine.js';
import type { DeviceReport } from '../../graph/graph-runner.js';
import type { TimedPart, TimeProgress, TimeRequest } from './time-job.js';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const jobs = new URL(`./time-job.${extension}`, import.meta.url);

/** How a measurement is followed and stopped. */
export interface TimeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called before each part, where a small tile told how long it may take. */
  readonly onExpected?: (progress: TimeProgress) => void;
}

/** Seconds of one run of each part, in the order of the parts. */
export interface MeasuredTime {
  readonly seconds: readonly number[];
  readonly device: DeviceReport;
}

/**
 * Times parts on this machine, each on one tile, in an engine process.
 * @throws EngineError where a tile is more than the machine can hold, CancelledError.
 */
export async function measureTime(
  request: TimeRequest,
  { signal, onExpected = () => undefined }: TimeOptions = {},
): Promise<MeasuredTime> {
  const engine = createEngine();
  try {
    return await engine.run<MeasuredTime>(jobs, 'timeJob', request, {
      ...(signal === undefined ? {} : { signal }),
      onProgress: (message) => onExpected(message as TimeProgress),
    });
  } finally {
    await engine.close();
  }
}

export type { TimedPart, TimeProgress, TimeRequest };
