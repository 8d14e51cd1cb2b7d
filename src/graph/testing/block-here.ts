import type { Tensor } from '../../tensor/tensor.js';
import { findChannelBlock } from '../lowering/blocked/find-channel-block.js';
import { compileModel, type Feeds } from './evaluate.js';

/** Compiles an ONNX model, runs it once and releases it. */
export async function runModel(bytes: Uint8Array, feeds: Feeds): Promise<Record<string, Tensor>> {
  const compiled = await compileModel(bytes);
  try {
    return await compiled.run(feeds);
  } finally {
    await compiled.release();
  }
}

/** Channels of a block on this processor; undefined where the runtime has no blocked operators. */
export const blockHere = await findChannelBlock(runModel);
