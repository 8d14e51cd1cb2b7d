import type { JobContext } from '../engine/job.js';
import { type ProbeReport, probeContract } from '../restoration/index.js';
import { decodeOnnx } from '../weights/onnx/decode-onnx.js';
import type { OnnxStatement } from '../weights/onnx/onnx-module.js';

/** What crosses to the engine process. */
export interface ProbeRequest {
  readonly bytes: Uint8Array;
  /** What messages call the file. */
  readonly name: string;
  readonly role: 'restorer' | 'denoiser';
  readonly stated: OnnxStatement;
}

/** Probes an ONNX file where it can do no harm. */
export async function probe(
  context: JobContext,
  { bytes, name, role, stated }: ProbeRequest,
): Promise<ProbeReport> {
  return probeContract(decodeOnnx(bytes, name), await context.runner(), role, stated);
}
