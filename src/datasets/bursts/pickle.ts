import { InputError } from '../../utils/errors.js';
import {
  type Calls,
  Named,
  PickleBytes,
  type Plain,
  readPickle,
  StoredNumbers,
  StoredTensor,
} from './pickle-machine.js';

/**
 * The dictionary of a small pickle, such as the burst protocol's `meta_info.pkl`, with tensors as
 * nested arrays and tensors without dimensions as numbers.
 * @param name of the file, for messages.
 * @throws InputError where it is damaged or asks for anything but data.
 */
export function decodeBurstPickle(bytes: Uint8Array, name: string): Record<string, unknown> {
  const calls: Calls = (callee, items) => {
    if (callee === 'collections.OrderedDict' && items.length === 0) return new Map();
    if (callee === 'torch._utils._rebuild_tensor_v2') return rebuildTensor(items);
    if (callee === 'torch.storage._load_from_bytes' && items[0] instanceof Uint8Array)
      return loadStorage(items[0], name);
    return undefined;
  };
  const value = readPickle(new PickleBytes(bytes, name), calls);
  if (!(value instanceof Map)) throw new InputError(name, 'its pickle holds no dictionary');
  const entries: [string, unknown][] = [];
  for (const [key, entry] of value) if (typeof key === 'string') entries.push([key, plain(entry)]);
  return Object.fromEntries(entries);
}

/** Containers other than tensors say nothing of use. */
function plain(value: Plain): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (!(value instanceof StoredTensor)) return undefined;
  const nest = ([extent, ...rest]: readonly number[], from: number): unknown => {
    if (extent === undefined) return value.values[from];
    const step = rest.reduce((product, side) => product * side, 1);
    return Array.from({ length: extent }, (_, at) => nest(rest, from + at * step));
  };
  return nest(value.shape, 0);
}

const magic = 0x1950a86a20f9469cfc6cn;

const bytesPerNumber = new Map([
  ['torch.FloatStorage', 4],
  ['torch.DoubleStorage', 8],
]);

/**
 * The numbers of a storage in the older file format of PyTorch: a magic number, a version, facts on
 * the machine, the storage's own pickle, the list of its keys, a count and the values.
 */
export function loadStorage(content: Uint8Array, name: string): StoredNumbers {
  const bytes = new PickleBytes(content, name);
  const mark = readPickle(bytes, callsNothing);
  if (mark !== magic) throw bytes.error('holds numbers in a form that is not read');
  readPickle(bytes, callsNothing);
  readPickle(bytes, callsNothing);
  const storage = readPickle(bytes, callsNothing);
  readPickle(bytes, callsNothing);
  const count = bytes.uint64();
  if (!Array.isArray(storage) || storage[0] !== 'storage' || storage[4] !== count)
    throw bytes.error('holds a storage that does not fit its numbers');
  const width = storage[1] instanceof Named ? bytesPerNumber.get(storage[1].name) : undefined;
  if (width === undefined) throw bytes.error('holds numbers of a type that is not read');
  const data = bytes.take(count * width);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const read = (at: number) =>
    width === 4 ? view.getFloat32(4 * at, true) : view.getFloat64(8 * at, true);
  return new StoredNumbers(Array.from({ length: count }, (_, at) => read(at)));
}

const callsNothing = () => undefined;

/** @returns undefined where the arguments make no tensor. */
export function rebuildTensor(items: readonly Plain[]): StoredTensor | undefined {
  const [storage, offset, shape, strides] = items;
  if (!(storage instanceof StoredNumbers) || !isCount(offset)) return undefined;
  if (!isCounts(shape) || !isCounts(strides) || shape.length !== strides.length) return undefined;
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (size > storage.values.length || shape.length > 4) return undefined;
  const values: number[] = [];
  for (let at = 0; at < size; at++) {
    let place = offset;
    let rest = at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    const value = storage.values[place];
    if (value === undefined) return undefined;
    values.push(value);
  }
  return new StoredTensor(shape, values);
}

function isCount(value: Plain | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: Plain | undefined): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}
