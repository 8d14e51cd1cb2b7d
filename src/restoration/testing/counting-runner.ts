import { wrappedRunner } from '../../engine/testing/runners.js';
import type { GraphRunner } from '../../graph/graph-runner.js';

/** A runner that counts the runs of each graph, by the first word of its key. */
export interface CountingRunner extends GraphRunner {
  readonly runs: Map<string, number>;
}

/**
 * Counts what another runner does.
 * @param onCheckpoint called at each checkpoint; what it throws stops the work there.
 */
export function countingRunner(runner: GraphRunner, onCheckpoint?: () => void): CountingRunner {
  const runs = new Map<string, number>();
  const wrapped = wrappedRunner(runner, {
    onRun: (key, _, run) => {
      countRun(runs, key);
      return run();
    },
    ...(onCheckpoint && { onCheckpoint }),
  });
  return Object.assign(wrapped, { runs });
}

/** Adds a run to the count of graphs whose keys have the same first word. */
export function countRun(counts: Map<string, number>, key: string): void {
  const kind = key.split(' ')[0]!;
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
}
