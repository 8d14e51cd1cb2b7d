import type { OnnxStatement } from '../../checkpoints/onnx/contract.js';
import { createEngine, type Engine } from '../../engine/index.js';
import { readWeights } from '../../files/read-weights.js';
import type { ProbeReport } from '../../restoration/index.js';
import type { ProbeRequest } from './probe-job.js';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const jobs = new URL(`./probe-job.${extension}`, import.meta.url);

/** How a probe is made and stopped. */
export interface ProbeCall {
  /** What is known of the contract; it is checked. */
  readonly contract?: OnnxStatement | undefined;
  readonly signal?: AbortSignal | undefined;
  /** An engine to use and leave open; default: one for this call. */
  readonly engine?: Engine | undefined;
}

/**
 * Finds out in an engine process how an ONNX file wants its pictures.
 * @throws ModelError where the file is damaged, cannot play the role, or contradicts its contract.
 * @example
 * const { contract, undecided } = await probeModel('deblur.onnx', 'restorer');
 */
export async function probeModel(
  path: string,
  role: 'restorer' | 'denoiser',
  call: ProbeCall = {},
): Promise<ProbeReport> {
  const bytes = await readWeights(path);
  return probeBytes({ bytes, name: path, role, stated: call.contract ?? {} }, call);
}

/** As `probeModel`, of a file that was read. */
export async function probeBytes(
  request: ProbeRequest,
  { engine, signal }: Pick<ProbeCall, 'engine' | 'signal'> = {},
): Promise<ProbeReport> {
  const own = engine ?? createEngine();
  try {
    return await own.run<ProbeReport>(
      jobs,
      'probeJob',
      request,
      signal === undefined ? {} : { signal },
    );
  } finally {
    if (engine === undefined) await own.close();
  }
}
