import { type DpirError, EngineError, LimitError, ModelError } from '../tensor/errors.js';
import { textOf } from './runtime.js';

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
      { cause: error },
    );
  return (
    memoryFailure(key, error) ??
    new ModelError(key, `the runtime refuses this graph: ${textOf(error)}`, { cause: error })
  );
}

/** Why a run failed. */
export function runFailure(key: string, error: unknown): DpirError {
  return (
    memoryFailure(key, error) ??
    new EngineError(key, `the run failed: ${textOf(error)}`, { cause: error })
  );
}

function memoryFailure(key: string, error: unknown): LimitError | undefined {
  if (!/bad_alloc|failed to allocate memory|out of memory/i.test(textOf(error))) return undefined;
  return new LimitError(key, `memory ran out; smaller tiles need less: ${textOf(error)}`, {
    cause: error,
  });
}
