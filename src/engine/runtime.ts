import { EngineError } from '../tensor/errors.js';

/** ONNX Runtime's module. */
export type Runtime = typeof import('onnxruntime-node');

/**
 * ONNX Runtime, loaded when first asked for: a program that hands its work to engine processes
 * never holds the native library itself.
 * @throws EngineError where the package has no library for this platform.
 */
export async function loadRuntime(): Promise<Runtime> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new EngineError(
      'onnxruntime-node',
      `does not load on ${process.platform} ${process.arch}: ${textOf(error)}`,
      { cause: error },
    );
  }
}

/** What an error of the runtime says, without the place in its C++ sources. */
export function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^\/\S*onnxruntime\S*:\d+ .*? was false\. /s, '').trim();
}
