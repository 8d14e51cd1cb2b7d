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

/** What a lane is asked, one thing after the other. */
export type LaneRequest =
  /** A run; with `others`, inputs that are not named have the arrays of the run before. */
  | { readonly kind: 'run'; readonly feeds: Feeds; readonly others: boolean }
  /** To call function `name` of a module with `payload`: it gives a service, under the next number. */
  | {
      readonly kind: 'open';
      readonly module: string;
      readonly name: string;
      readonly payload: unknown;
    }
  | { readonly kind: 'serve'; readonly service: number; readonly request: unknown }
  /** To end once it has done what was asked before. */
  | { readonly kind: 'end' };

/** What a lane tells: that it has compiled its graph, then an answer to each request. */
export type LaneReply =
  /** Every run leaves its outputs in these arrays, which threads share. */
  { readonly ready: Feeds } | { readonly result: unknown } | { readonly error: SerializedError };
