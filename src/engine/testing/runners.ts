import { afterAll } from 'vitest';
import type { DeviceReport, Feeds, GraphRunner } from '../../graph/graph-runner.js';
import { createEngine, type Engine, type EngineOptions } from '../engine.js';
import { createLocalRunner } from '../local-runner.js';

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

type Outputs = ReturnType<Awaited<ReturnType<GraphRunner['compile']>>['run']>;

/** Where a test steps between a runner and its work. */
export interface RunnerHooks {
  /** Told the key of every graph that is built. */
  readonly onBuild?: (key: string) => void;
  /** Stands in the place of every run; `run` does it. */
  readonly onRun?: (key: string, feeds: Feeds, run: () => Outputs) => Outputs;
  /** Called at every checkpoint. */
  readonly onCheckpoint?: () => void;
  /** What the device report says instead. */
  readonly device?: Partial<DeviceReport>;
}

/** A runner that does its work through another; what hooks throw stops the work there. */
export function wrappedRunner(runner: GraphRunner, hooks: RunnerHooks): GraphRunner {
  const { onBuild, onRun = (_key, _feeds, run) => run(), onCheckpoint, device } = hooks;
  return {
    get device() {
      return { ...runner.device, ...device };
    },
    compile: async (key, build) => {
      const graph = await runner.compile(key, () => {
        onBuild?.(key);
        return build();
      });
      return { run: (feeds) => onRun(key, feeds, () => graph.run(feeds)) };
    },
    keepAtMost: async (bytes) => runner.keepAtMost?.(bytes),
    checkpoint: async () => {
      onCheckpoint?.();
      await runner.checkpoint();
    },
    dispose: () => runner.dispose(),
  };
}
