import { totalmem } from 'node:os';
import type { GraphMemory } from '../../graph/index.js';
import { LimitError } from '../../utils/errors.js';
import { cachedPhotographBytes } from '../photographs/photographs.js';
import type { PreparedRun } from '../prepare.js';
import type { StepContext } from '../step/training-step.js';

const MEBIBYTE = 2 ** 20;

/**
 * What the engine's process takes besides the arrays of a graph, as measured with
 * `bench/training-memory.ts` (docs/training-memory.md).
 */
const measured = {
  /** Node, ONNX Runtime and compiled JavaScript. */
  process: 142 * MEBIBYTE,
  /** A value of the graph, here and in the runtime. */
  value: 5 * 1024,
  /** Copies of the graph's constants while it is read, written and compiled. */
  constantCopies: 4.25,
  /**
   * Copies of the state: itself, the one that it began as or that follows, sums of gradients, what
   * a saved file is made of, and older ones that JavaScript has not freed yet.
   */
  stateCopies: 4,
  /** Copies of a batch: in use, ready for the next step, in the making and where the graph reads it. */
  batchCopies: 2.5,
  /** A thread that makes batches. */
  loader: 44 * MEBIBYTE,
  /** A thread that runs a copy of the graph. */
  copy: 15 * MEBIBYTE,
  /** Copies of the trained weights on such a thread: those that it reads, and gradients that it shares. */
  outputCopies: 2.25,
  /** Freed memory that lies between what is in use, as a share of the results. */
  kept: 0.35,
};

/** Peak memory of a training run's process in bytes, as announced before it begins. */
export interface TrainingMemory {
  /** All of it but for the photographs. */
  readonly total: number;
  /** Process, graphs and constants, and threads. */
  readonly fixed: number;
  /** Parameters, moments, average and gradients with their copies, and batches. */
  readonly state: number;
  /** Most that results of operators take at once. */
  readonly results: number;
  /** What allocators keep of freed results. */
  readonly kept: number;
  /** Most that decoded photographs kept for later batches take, besides. */
  readonly photographs: number;
}

/**
 * The memory that a run on the CPU will take.
 * @param step its graphs, the first of which is that of a step and may run several times at once,
 * and bytes of state that none of them takes.
 * @param options.photographs bytes of decoded photographs that it keeps.
 */
export function trainingMemory(
  step: {
    readonly memory: readonly [GraphMemory, ...GraphMemory[]];
    readonly copies?: number;
    readonly apart?: number;
  },
  options: { readonly workers: number; readonly photographs: number },
): TrainingMemory {
  const { copies = 1, apart = 0 } = step;
  const [{ inputs, outputs }, ...others] = step.memory;
  const graphs = [times(step.memory[0], copies), ...others];
  const total = (part: (graph: GraphMemory) => number): number =>
    graphs.reduce((sum, graph) => sum + part(graph), 0);
  const threads = copies > 1 ? copies : 0;
  const results = Math.max(...graphs.map(({ peak }) => peak));
  const fixed =
    measured.process +
    measured.value * total(({ values }) => values) +
    measured.constantCopies * total(({ constants }) => constants) +
    measured.loader * options.workers +
    measured.copy * threads;
  // A graph gives as much as it takes of what is trained; the rest of its inputs is a batch.
  const state =
    measured.stateCopies * (apart + outputs) +
    measured.outputCopies * outputs * threads +
    measured.batchCopies * copies * Math.max(0, inputs - outputs) +
    others.reduce((sum, graph) => sum + graph.inputs + graph.outputs, 0);
  const kept = measured.kept * results;
  return {
    total: fixed + state + results + kept,
    fixed,
    state,
    results,
    kept,
    photographs: options.photographs,
  };
}

/** Copies of a graph that run at the same time. */
function times(graph: GraphMemory, count: number): GraphMemory {
  const entries = Object.entries(graph).map(([name, value]) => [name, count * value]);
  return Object.fromEntries(entries) as GraphMemory;
}

/** What is compiled of a run. */
interface CompiledRun {
  readonly step: StepContext['step'];
  /** Copies of its graph, where weights are updated outside of it. */
  readonly copies?: readonly unknown[];
  /** Graphs besides those of its steps, where there are such. */
  readonly others?: readonly (GraphMemory | undefined)[];
}

/** The memory of a run as it is compiled. */
export function compiledMemory(
  { step, copies, others = [] }: CompiledRun,
  options: { readonly workers: number; readonly photographs: number },
): TrainingMemory {
  const memory = [step.memory, ...others.filter((graph) => graph !== undefined)] as const;
  if (copies === undefined) return trainingMemory({ memory }, options);
  // Both moments and the average are as large as the gradients.
  const apart = 3 * step.memory.outputs;
  return trainingMemory({ memory, copies: copies.length, apart }, options);
}

/**
 * The memory of a prepared run.
 * @throws LimitError where it is more than `limit` bytes.
 */
export async function announceMemory(
  { position: { recipe }, workers, photographs }: PreparedRun,
  compiled: CompiledRun,
  limit = usualLimit(),
): Promise<TrainingMemory> {
  const kept = photographs.count === 0 ? 0 : await cachedPhotographBytes(recipe);
  const memory = compiledMemory(compiled, { workers, photographs: kept });
  requireMemory(memory, limit);
  return memory;
}

/**
 * Refuses a run that takes more memory than it may.
 * @param limit in bytes.
 * @throws LimitError
 */
export function requireMemory(memory: TrainingMemory, limit: number): void {
  const needed = memory.total + memory.photographs;
  if (needed <= limit) return;
  throw new LimitError(
    'memory',
    `this run would take ${inGibibytes(needed)} and may take ${inGibibytes(limit)}; lower \`batch\` or \`crop\` (\`accumulate\` makes up for a smaller batch), or raise the limit, \`memory\``,
    {
      code: 'memory-limit',
      expected: `at most ${inGibibytes(limit)}`,
      received: inGibibytes(needed),
    },
  );
}

/** Bytes of memory that a run may take by default: nine tenths of the machine's. */
export function usualLimit(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  return 0.9 * (constrained > 0 ? Math.min(constrained, totalmem()) : totalmem());
}

/** Bytes as people read them: `1.25 GiB`. */
export function inGibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
