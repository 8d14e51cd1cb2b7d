import type { InferenceSession } from 'onnxruntime-node';

/** How sessions trade memory and processor time for speed. */
export interface SessionTuning {
  /** CPU threads of one operator. */
  readonly threads: number;
  readonly keepMemory: boolean;
  readonly planMemory: boolean;
  readonly busyWait: boolean;
  readonly allowCpuOperators: boolean;
}

/**
 * What the runtime is told for graphs of static shapes that run one after the other.
 *
 * Without the memory arena a graph holds nothing but its weights between runs; several graphs in
 * turn then need no more memory than the largest. Busy threads of one session would take the cores
 * from the next one, so they are stopped at the end of a run even where they are asked for.
 *
 * The runtime works towards the last node that nothing reads first, then the one before, but numbers
 * nodes anew where it rewrites them. Graphs end in an Identity for each output; kept, these say in
 * which order outputs are made. Otherwise a training step would make the gradients of all layers'
 * results before it turns the first of them into gradients of weights, and hold them all.
 */
export function sessionOptions(
  device: string,
  tuning: SessionTuning,
): InferenceSession.SessionOptions {
  const onCpu = device === 'cpu';
  const strict = !onCpu && !tuning.allowCpuOperators;
  return {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: tuning.threads,
    interOpNumThreads: 1,
    enableCpuMemArena: tuning.keepMemory,
    enableMemPattern: tuning.planMemory,
    // Errors reach the caller as exceptions; printing them as well would double them.
    logSeverityLevel: 4,
    extra: {
      ...(onCpu ? { optimization: { disable_specified_optimizers: 'EliminateIdentity' } } : {}),
      session: {
        'intra_op.allow_spinning': tuning.busyWait ? '1' : '0',
        force_spinning_stop: '1',
        disable_cpu_ep_fallback: strict ? '1' : '0',
      },
    },
  };
}
