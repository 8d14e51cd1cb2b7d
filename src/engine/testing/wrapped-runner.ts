import type { DeviceReport, Feeds, GraphRunner } from '../contract.js';

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
