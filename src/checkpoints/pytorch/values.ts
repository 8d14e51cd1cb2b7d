import type { Storage } from './storages.js';
import type { TensorReference } from './tensor-reference.js';

/** What the pickle machine can hold: inert data, tensors, and the few globals it knows. */
export type PickleValue =
  | Scalar
  | Uint8Array
  | Tuple
  | List
  | Dictionary
  | Storage
  | TensorReference
  | PickleGlobal;

export type Scalar = null | boolean | number | bigint | string;

/** The few functions and classes of Python that a checkpoint may name. */
export type PickleGlobal =
  | {
      readonly kind: 'function';
      readonly name: string;
      /** What it makes of its arguments. */
      readonly makes: 'dictionary' | 'size' | 'tensor' | 'tensor-v2' | 'parameter';
    }
  | { readonly kind: 'storage'; readonly name: string; readonly dataType: Storage['dataType'] };

/** A sequence that does not change. */
export class Tuple {
  readonly items: readonly PickleValue[];
  readonly depth: number;

  constructor(items: readonly PickleValue[]) {
    this.items = items;
    this.depth = 1 + Math.max(0, close(items));
  }
}

/**
 * A list, or a set. Containers are closed when they are put into another: pickles of data fill a
 * container first. So nothing contains itself and the depth is exact.
 */
export class List {
  readonly items: PickleValue[] = [];
  depth = 1;
  closed = false;
}

/** A dict or OrderedDict, in the order of insertion. */
export class Dictionary {
  readonly entries = new Map<Scalar, PickleValue>();
  depth = 1;
  closed = false;
}

/** Closes the containers among the items and returns the depth of the deepest, 0 without any. */
export function close(items: readonly PickleValue[]): number {
  let deepest = 0;
  for (const item of items) {
    if (item instanceof List || item instanceof Dictionary) item.closed = true;
    else if (!(item instanceof Tuple)) continue;
    if (item.depth > deepest) deepest = item.depth;
  }
  return deepest;
}

export function isGlobal(value: PickleValue | undefined): value is PickleGlobal {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

/** True for a size or a place: an integer from 0 to 2^53 - 1. */
export function isCount(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** True for what a dictionary may have as a key. */
export function isKey(value: PickleValue | undefined): value is Scalar {
  return value === null || (value !== undefined && typeof value !== 'object');
}
