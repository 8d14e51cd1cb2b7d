import { ModelError } from '../../utils/errors.js';
import { quoted } from './byte-reader.js';
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

type Makes = Extract<PickleGlobal, { kind: 'function' }>['makes'];

const functions: readonly (readonly [module: string, name: string, makes: Makes])[] = [
  ['collections', 'OrderedDict', 'dictionary'],
  ['torch', 'Size', 'size'],
  ['torch._utils', '_rebuild_tensor', 'tensor'],
  ['torch._utils', '_rebuild_tensor_v2', 'tensor-v2'],
  ['torch._utils', '_rebuild_parameter', 'parameter'],
];

/** By module and name; whatever is not here cannot be named by a file. */
const known = new Map<string, PickleGlobal>([
  ...functions.map(([module, name, makes]) => {
    const entry: PickleGlobal = { kind: 'function', name: `${module}.${name}`, makes };
    return [`${module}\n${name}`, entry] as const;
  }),
  ...[...storageTypes].map(([name, dataType]) => {
    const entry: PickleGlobal = { kind: 'storage', name: `torch.${name}`, dataType };
    return [`torch\n${name}`, entry] as const;
  }),
]);

/** @throws ModelError for every global but the few that tensors are made of. */
export function findGlobal(module: string, name: string, file: string): PickleGlobal {
  const found = known.get(`${module}\n${name}`);
  if (found === undefined)
    throw new ModelError(
      file,
      `names ${quoted(`${module}.${name}`)}, which is not data: only tensors, dictionaries, lists and numbers are read. Save the state dictionary alone`,
      { received: `${module}.${name}` },
    );
  return found;
}

/**
 * Applies a global to arguments, in the few ways that make data.
 * @param spend accounts for entries that are copied.
 * @throws ModelError where the value cannot be called or the arguments do not fit it.
 */
export function applyGlobal(
  callable: PickleValue,
  argument: PickleValue,
  file: string,
  spend: (entries: number) => void,
): PickleValue {
  if (!isGlobal(callable) || callable.kind !== 'function' || !(argument instanceof Tuple))
    throw new ModelError(
      file,
      `calls ${isGlobal(callable) ? callable.name : 'a value that is no function'}`,
    );
  const made = make(callable.makes, argument.items, file, spend);
  if (made === undefined)
    throw new ModelError(file, `calls ${callable.name} with arguments that do not fit it`);
  return made;
}

function make(
  makes: Makes,
  items: readonly PickleValue[],
  file: string,
  spend: (entries: number) => void,
): PickleValue | undefined {
  const [first, ...rest] = items;
  switch (makes) {
    case 'dictionary':
      return items.length <= 1 ? dictionaryOf(first, spend) : undefined;
    case 'size':
      return items.length === 1 && countsOf(first) !== undefined ? first : undefined;
    case 'parameter':
      return items.length === 3 && first instanceof TensorReference ? first : undefined;
    case 'tensor':
      return items.length === 4 ? tensorOf(first, rest, file) : undefined;
    case 'tensor-v2':
      return items.length === 6 || items.length === 7 ? tensorOf(first, rest, file) : undefined;
  }
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
  storage: PickleValue | undefined,
  [offset, size, stride]: readonly PickleValue[],
  file: string,
): TensorReference | undefined {
  const shape = countsOf(size);
  const strides = countsOf(stride);
  if (!(storage instanceof Storage) || !isCount(offset) || !shape || !strides) return undefined;
  return new TensorReference(storage, offset, shape, strides, file);
}

function countsOf(value: PickleValue | undefined): readonly number[] | undefined {
  return value instanceof Tuple && value.items.length <= 64 && value.items.every(isCount)
    ? value.items
    : undefined;
}
