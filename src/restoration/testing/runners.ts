import { wrappedRunner } from '../../engine/testing/runners.js';
import type { GraphRunner } from '../../graph/graph-runner.js';
import { LimitError } from '../../utils/errors.js';

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

/** What a runner of little memory did. */
export interface NarrowRunner extends GraphRunner {
  /** Runs that were finished and that ran out of memory, by the first word of the graph's key. */
  readonly finished: Map<string, number>;
  readonly refused: Map<string, number>;
}

/**
 * A runner that runs out of memory on graphs whose largest input has more than `pixels` pixels.
 * @param times how often; default: always.
 */
export function narrowRunner(
  runner: GraphRunner,
  pixels: number,
  times = Number.POSITIVE_INFINITY,
): NarrowRunner {
  const finished = new Map<string, number>();
  const refused = new Map<string, number>();
  let left = times;
  const wrapped = wrappedRunner(runner, {
    onRun: async (key, feeds, run) => {
      const extents = Object.values(feeds).map(({ shape }) => (shape[2] ?? 1) * (shape[3] ?? 1));
      if (left > 0 && Math.max(...extents) > pixels) {
        left -= 1;
        countRun(refused, key);
        throw new LimitError(key, 'out of memory; smaller tiles need less: bad_alloc', {
          code: 'out-of-memory',
        });
      }
      countRun(finished, key);
      return run();
    },
  });
  return Object.assign(wrapped, { finished, refused });
}
