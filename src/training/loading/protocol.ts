import type { SerializedError } from '../../engine/process/serialized-error.js';
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
export type LoaderRequest = { readonly number: number; readonly place: BatchPlace } | 'end';

/** A tensor as it crosses between threads, its array moved and not copied. */
export interface MovedTensor {
  readonly dataType: DataType;
  readonly shape: readonly number[];
  readonly data: DataArray<DataType>;
}

/** What a loader thread tells: that it has started, then a batch for each request. */
export type LoaderReply =
  | 'ready'
  | { readonly number: number; readonly batch: Readonly<Record<string, MovedTensor>> }
  | { readonly number: number; readonly error: SerializedError };
