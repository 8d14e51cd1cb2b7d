import type { OnnxStatement } from '../../checkpoints/onnx/contract.js';
import { decodeOnnx } from '../../checkpoints/onnx/index.js';
import type { JobContext } from '../../engine/process/job.js';
import { type ProbeReport, probeContract } from '../../restoration/index.js';

/** What crosses to the engine process. */
export interface ProbeRequest {
  readonly bytes: Uint8Array;
  /** What messages call the file. */
  readonly name: string;
  readonly role: 'restorer' | 'denoiser';
  readonly stated: OnnxStatement;
}

/** Probes an ONNX file where it can do no harm. */
export async function probeJob(
  context: JobContext,
  { bytes, name, role, stated }: ProbeRequest,
): Promise<ProbeReport> {
  return probeContract(decodeOnnx(bytes, name), await context.runner(), role, stated);
}
