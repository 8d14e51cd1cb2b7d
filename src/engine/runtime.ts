import type { InferenceSession } from 'onnxruntime-node';
import { type DpirError, EngineError, LimitError, ModelError } from '../utils/errors.js';

/** ONNX Runtime's module. */
export type Runtime = typeof import('onnxruntime-node');

/**
 * Loads ONNX Runtime on first use: a program that runs its work in engine processes never loads the
 * native library itself.
 * @throws EngineError where the package has no library for this platform.
 */
export async function loadRuntime(): Promise<Runtime> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new EngineError(
      'onnxruntime-node',
      `does not load on ${process.platform} ${process.arch}: ${textOf(error)}`,
      { code: 'runtime-missing', cause: error },
    );
  }
}

/**
 * The message of a runtime error without its location in C++ sources. The runtime gives no codes:
 * its wording is read in this file and nowhere else.
 */
export function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^\/\S*onnxruntime\S*:\d+ .*? was false\. /s, '').trim();
}

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
 * Session options for graphs of static shapes that run one after the other.
 *
 * Without the memory arena a graph holds only its weights between runs, so several graphs need no
 * more memory than the largest. Spinning threads of one session would take the cores from the next
 * one, so they stop at the end of a run even where spinning is enabled.
 *
 * The runtime computes towards the last unread node first, then towards the one before, but renumbers
 * nodes that it rewrites. Graphs end in an Identity for each output; as these are not eliminated, they
 * fix the order in which outputs are computed. Otherwise a training step would compute the gradients
 * of all activations before the first gradient of weights, and hold them all in memory.
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

/** Whether the runtime refused a graph because some operator would have to run on the CPU. */
export function needsCpu(error: unknown): boolean {
  return /fallback to CPU EP has been explicitly disabled/i.test(textOf(error));
}

/** Why a graph could not be compiled. */
export function compileFailure(key: string, device: string, error: unknown): DpirError {
  if (needsCpu(error))
    return new EngineError(
      key,
      `${device} lacks operators of this graph; run it on cpu, or set allowCpuOperators to let the CPU run those`,
      { code: 'operator-unsupported', cause: error },
    );
  return (
    memoryFailure(key, error) ??
    new ModelError(key, `ONNX Runtime rejects this graph: ${textOf(error)}`, {
      code: 'graph-rejected',
      cause: error,
    })
  );
}

/** Why a run failed. */
export function runFailure(key: string, error: unknown): DpirError {
  return (
    memoryFailure(key, error) ??
    new EngineError(key, `the run failed: ${textOf(error)}`, { code: 'run-failed', cause: error })
  );
}

function memoryFailure(key: string, error: unknown): LimitError | undefined {
  if (!/bad_alloc|failed to allocate memory|out of memory/i.test(textOf(error))) return undefined;
  return new LimitError(key, `out of memory; smaller tiles need less: ${textOf(error)}`, {
    code: 'out-of-memory',
    cause: error,
  });
}
