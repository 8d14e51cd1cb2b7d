import { afterAll } from 'vitest';
import type { GraphRunner } from '../contract.js';
import { createLocalRunner } from '../local-runner.js';
import { createEngine, type Engine, type EngineOptions } from '../process/engine.js';

const closings: (() => Promise<void>)[] = [];

// Here, where the file's tests are not running yet: a hook added by a test would never be called.
afterAll(async () => {
  for (const close of closings) await close();
});

/** An engine, which is closed when the tests of the file are done. */
export function testEngine(options?: EngineOptions): Engine {
  const engine = createEngine(options);
  closings.push(() => engine.close());
  return engine;
}

/** A runner in this process, which is disposed of when the tests of the file are done. */
export async function testRunner(threads = 1): Promise<GraphRunner> {
  const runner = await createLocalRunner({ threads });
  closings.push(() => runner.dispose());
  return runner;
}
