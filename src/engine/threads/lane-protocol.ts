import type { Feeds } from '../contract.js';
import type { SerializedError } from '../process/serialized-error.js';
import type { SessionTuning } from '../session-options.js';

/** What a lane is started with. */
export interface LaneTask {
  /** ONNX bytes. */
  readonly model: Uint8Array;
  /** What messages call the graph. */
  readonly key: string;
  readonly device: string;
  readonly tuning: SessionTuning;
}

/** What a lane is asked: a run, or to end once it has done what was asked before. */
export type LaneRequest = { readonly feeds: Feeds } | 'end';

/** What a lane tells: that it has compiled its graph, then an answer to each run. */
export type LaneReply = 'ready' | { readonly outputs: Feeds } | { readonly error: SerializedError };
