import { InputError } from '../../tensor/errors.js';
import { PickleBytes } from './pickle-bytes.js';
import { type Calls, readPickle } from './pickle-machine.js';
import { loadStorage, rebuildTensor } from './pickle-tensors.js';
import { type Plain, StoredTensor } from './pickle-values.js';

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
