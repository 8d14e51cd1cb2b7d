import { createEngine, type Engine } from '../../engine/engine.js';

/** Milliseconds that a cancelled restoration has before its process is killed. */
export const CANCEL_GRACE = 600;
/** Milliseconds that an engine waits for the next call. */
const PATIENCE = 5000;

interface Spare {
  readonly engine: Engine;
  readonly timer: NodeJS.Timeout;
  /** Where relative paths begin for its process. */
  readonly folder: string;
}

let spare: Spare | undefined;

/**
 * Works with an engine that nobody else uses: that of a call that has just ended, whose process
 * still has its compiled graphs, or a new one. It is closed where the work fails, or no other call
 * follows within five seconds; it keeps no program alive.
 */
export async function withSpareEngine<Result>(
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const folder = process.cwd();
  const engine =
    (spare?.folder === folder ? take() : undefined) ?? createEngine({ graceMs: CANCEL_GRACE });
  let result: Result;
  try {
    result = await work(engine);
  } catch (error) {
    await engine.close();
    throw error;
  }
  if (spare === undefined) keep(engine, folder);
  else await engine.close();
  return result;
}

function take(): Engine | undefined {
  const taken = spare;
  spare = undefined;
  clearTimeout(taken?.timer);
  return taken?.engine;
}

function keep(engine: Engine, folder: string): void {
  const timer = setTimeout(() => void take()?.close(), PATIENCE);
  timer.unref();
  spare = { engine, timer, folder };
}
