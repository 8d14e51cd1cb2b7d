import type { CompiledGraph, GraphRunner } from '../../engine/contract.js';

/** A runner that counts the runs of each graph, by the first word of its key. */
export interface CountingRunner extends GraphRunner {
  readonly runs: Map<string, number>;
}

/**
 * Counts what another runner does.
 * @param onCheckpoint called at each checkpoint; what it throws stops the work there.
 */
export function countingRunner(
  runner: GraphRunner,
  onCheckpoint: () => void = () => undefined,
): CountingRunner {
  const runs = new Map<string, number>();
  return {
    runs,
    get device() {
      return runner.device;
    },
    compile: async (key, build): Promise<CompiledGraph> => {
      const kind = key.split(' ')[0]!;
      const graph = await runner.compile(key, build);
      return {
        run: (feeds) => {
          runs.set(kind, (runs.get(kind) ?? 0) + 1);
          return graph.run(feeds);
        },
      };
    },
    checkpoint: async () => {
      onCheckpoint();
      await runner.checkpoint();
    },
    dispose: () => runner.dispose(),
  };
}
