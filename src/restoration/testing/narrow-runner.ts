import type { CompiledGraph, GraphRunner } from '../../engine/contract.js';
import { LimitError } from '../../tensor/errors.js';

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
  const count = (counts: Map<string, number>, kind: string) =>
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return {
    finished,
    refused,
    get device() {
      return runner.device;
    },
    compile: async (key, build): Promise<CompiledGraph> => {
      const kind = key.split(' ')[0]!;
      const graph = await runner.compile(key, build);
      return {
        run: (feeds) => {
          const extents = Object.values(feeds).map(
            ({ shape }) => (shape[2] ?? 1) * (shape[3] ?? 1),
          );
          if (left > 0 && Math.max(...extents) > pixels) {
            left -= 1;
            count(refused, kind);
            throw new LimitError(key, 'memory ran out; smaller tiles need less: bad_alloc');
          }
          count(finished, kind);
          return graph.run(feeds);
        },
      };
    },
    checkpoint: () => runner.checkpoint(),
    dispose: () => runner.dispose(),
  };
}
