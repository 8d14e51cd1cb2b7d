import type { SerializedError } from '../../engine/serialized-error.js';
import type { DataArray, DataType } from '../../tensor/tensor.js';
import type { PoolPlace } from '../pool/pool-place.js';
import type { Recipe } from '../recipe.js';

/** A frozen module without its weights: batches depend on its shapes alone. */
export interface ModuleOutline {
  readonly network: string;
  readonly config: unknown;
}

/** What a loader thread is started with. */
export interface LoaderTask {
  readonly recipe: Recipe;
  readonly modules: Readonly<Record<string, ModuleOutline>>;
  /** Decoded photographs that this thread may keep. */
  readonly cacheBytes: number;
  /** Where restored crops will lie. */
  readonly pool?: Pick<PoolPlace, 'path' | 'content'>;
}

/** A batch among those of a run: part `part`, counted from 0, of step `step`, counted from 1. */
export interface BatchPlace {
  readonly step: number;
  readonly part: number;
}

/** What a loader thread is asked: a batch under a number, or to end. */
export type LoaderRequest =
  | {
      readonly number: number;
      readonly place: BatchPlace;
      /** Shared arrays that are to hold it. */
      readonly into?: SharedBatch | undefined;
    }
  | 'end';

/** The inputs of a batch, in memory that threads share. */
export type SharedBatch = Readonly<
  Record<
    string,
    {
      readonly dataType: DataType;
      readonly shape: readonly number[];
      readonly data: DataArray<DataType>;
    }
  >
>;

/** What a loader thread tells: that it has started, then an answer to each request. */
export type LoaderReply =
  | 'ready'
  /** The batch; absent where it is in the arrays that came with the request. */
  | { readonly number: number; readonly batch?: SharedBatch }
  | { readonly number: number; readonly error: SerializedError };
