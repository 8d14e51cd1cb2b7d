import { toFloat32 } from '../../tensor/half.js';
import { ByteReader } from '../../tensor/pytorch/byte-reader.js';
import { readLegacyCheckpoint } from '../../tensor/pytorch/checkpoint-containers.js';
import { readPickle } from '../../tensor/pytorch/pickle.js';
import {
  Dictionary,
  type PickleGlobals,
  pickleGlobals,
  rebuildTensorV2,
} from '../../tensor/pytorch/pickle-values.js';
import { materialise, TensorReference } from '../../tensor/pytorch/storages.js';
import type { DataType, Tensor } from '../../tensor/tensor.js';
import { InputError } from '../../utils/errors.js';

/**
 * The dictionary of a small pickle, such as the burst protocol's `meta_info.pkl`, with tensors as
 * nested arrays and tensors without dimensions as numbers. Other containers are omitted.
 * @param name of the file, for messages.
 * @throws InputError where it is damaged or asks for anything but data.
 */
export function decodeBurstPickle(bytes: Uint8Array, name: string): Record<string, unknown> {
  const reader = new ByteReader(bytes, name, InputError);
  const value = readPickle(reader, { globals: globalsFor(name) });
  if (!(value instanceof Dictionary)) throw reader.error('its pickle holds no dictionary');
  const entries: [string, unknown][] = [];
  for (const [key, entry] of value.entries) {
    if (typeof key !== 'string') continue;
    if (entry instanceof TensorReference) {
      if (entry.size > entry.storage.length)
        throw reader.error(`the tensor ${key} repeats elements`);
      entries.push([key, nested(materialise(entry, reader.error))]);
    } else entries.push([key, typeof entry === 'object' && entry !== null ? undefined : entry]);
  }
  return Object.fromEntries(entries);
}

/** Pickles of tensors outside of torch.save hold each storage as a file of torch.save. */
function globalsFor(name: string): PickleGlobals {
  return pickleGlobals({
    'collections.OrderedDict': (items) => (items.length === 0 ? new Dictionary() : undefined),
    'torch._utils._rebuild_tensor_v2': rebuildTensorV2,
    'torch.storage._load_from_bytes': ([content]) =>
      content instanceof Uint8Array ? readLegacyCheckpoint(content, name, InputError) : undefined,
  });
}

function nested(tensor: Tensor<DataType>): unknown {
  const numbers = tensor.dataType === 'float64' ? tensor.data : toFloat32(tensor).data;
  const nest = ([extent, ...rest]: readonly number[], from: number): unknown => {
    if (extent === undefined) return Number(numbers[from]);
    const step = rest.reduce((product, side) => product * side, 1);
    // Without elements the other extents can be any number.
    const length = step === 0 ? 0 : extent;
    return Array.from({ length }, (_, at) => nest(rest, from + at * step));
  };
  return nest(tensor.shape, 0);
}
