import type { Fail } from './byte-reader.js';
import { Storage, storageTypes, TensorReference } from './storages.js';

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

type Scalar = null | boolean | number | bigint | string;

/** The few functions and classes of Python that a pickle may name. */
type PickleGlobal =
  | {
      readonly kind: 'function';
      readonly name: string;
      /** What it makes of its arguments; `undefined` where they do not fit. */
      readonly call: (
        items: readonly PickleValue[],
        context: CallContext,
      ) => PickleValue | undefined;
    }
  | { readonly kind: 'storage'; readonly name: string; readonly dataType: Storage['dataType'] };

/** What a call may use besides its arguments. */
interface CallContext {
  readonly fail: Fail;
  /** Accounts for entries that are copied. */
  spend(entries: number): void;
}

/** The globals that a pickle may name, by `module.name`. Naming any other one is an error. */
export type PickleGlobals = ReadonlyMap<string, PickleGlobal>;

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

/** Storage classes of PyTorch, which persistent ids name. */
const storageGlobals = [...storageTypes].map(
  ([name, dataType]): PickleGlobal => ({ kind: 'storage', name: `torch.${name}`, dataType }),
);

/** An allow-list of the storage classes and some functions. */
export function pickleGlobals(
  functions: Readonly<Record<string, Extract<PickleGlobal, { kind: 'function' }>['call']>>,
): PickleGlobals {
  const named = Object.entries(functions).map(
    ([name, call]): PickleGlobal => ({ kind: 'function', name, call }),
  );
  return new Map([...storageGlobals, ...named].map((entry) => [entry.name, entry]));
}

/** What state dictionaries are made of. */
export const tensorGlobals = pickleGlobals({
  'collections.OrderedDict': (items, { spend }) =>
    items.length <= 1 ? dictionaryOf(items[0], spend) : undefined,
  'torch.Size': (items) =>
    items.length === 1 && countsOf(items[0]) !== undefined ? items[0] : undefined,
  'torch._utils._rebuild_tensor': (items, { fail }) =>
    items.length === 4 ? tensorOf(items, fail) : undefined,
  'torch._utils._rebuild_tensor_v2': rebuildTensorV2,
  'torch._utils._rebuild_parameter': (items) =>
    items.length === 3 && items[0] instanceof TensorReference ? items[0] : undefined,
});

export function rebuildTensorV2(
  items: readonly PickleValue[],
  { fail }: CallContext,
): PickleValue | undefined {
  return items.length === 6 || items.length === 7 ? tensorOf(items, fail) : undefined;
}

/** Python 2 gives the pairs to the constructor, Python 3 sets them afterwards. */
function dictionaryOf(
  pairs: PickleValue | undefined,
  spend: (entries: number) => void,
): Dictionary | undefined {
  const made = new Dictionary();
  if (pairs === undefined) return made;
  if (!(pairs instanceof List || pairs instanceof Tuple)) return undefined;
  spend(pairs.items.length);
  for (const pair of pairs.items) {
    if (!(pair instanceof List || pair instanceof Tuple) || pair.items.length !== 2)
      return undefined;
    const [key, value] = pair.items as readonly [PickleValue, PickleValue];
    if (!isKey(key)) return undefined;
    made.depth = Math.max(made.depth, 1 + close([value]));
    made.entries.set(key, value);
  }
  return made;
}

function tensorOf(
  [storage, offset, size, stride]: readonly PickleValue[],
  fail: Fail,
): TensorReference | undefined {
  const shape = countsOf(size);
  const strides = countsOf(stride);
  if (!(storage instanceof Storage) || !isCount(offset) || !shape || !strides) return undefined;
  return new TensorReference(storage, offset, shape, strides, fail);
}

function countsOf(value: PickleValue | undefined): readonly number[] | undefined {
  return value instanceof Tuple && value.items.length <= 64 && value.items.every(isCount)
    ? value.items
    : undefined;
}
