import { ModelError } from '../../tensor/errors.js';
import { bytesPerElement, type DataType, type Tensor } from '../../tensor/tensor.js';
import { looksLegacy, readLegacyCheckpoint } from './legacy-checkpoint.js';
import { commonPrefix, findState } from './state-dictionary.js';
import { materialise, type TensorReference } from './tensor-reference.js';
import { readZipCheckpoint } from './zip-checkpoint.js';

/** The state dictionary of a PyTorch checkpoint. */
export interface PyTorchState {
  /** Where in the file it lies: keys joined by '/', '/' alone for the whole object. */
  readonly path: string;
  /** By name without `prefix`, row-major, in the order and element types of the file. */
  readonly tensors: ReadonlyMap<string, Tensor<DataType>>;
  /** `module.` as often as every name in the file starts with it. */
  readonly prefix: string;
  /** Keys of the same dictionary that are no tensors. */
  readonly others: readonly string[];
}

/** Views may repeat elements, so that a file can ask for more memory than it has bytes. */
const EXPANSION = 4;
const FREE_BYTES = 2 ** 24;

/**
 * Reads the state dictionary of a `.pth`, `.pt` or `.ckpt` file as torch.save writes it, in the zip
 * form or that from before version 1.6. Nothing in the file can run: only tensors, containers,
 * numbers and text are built. Tensors are views into `bytes` where alignment and strides permit.
 * @param name of the file, for messages.
 * @param options.at the path of the state dictionary, instead of searching for it.
 * @throws ModelError where the file is cut off, damaged, compressed, big-endian, no checkpoint, asks
 * for anything but data, exceeds a limit or has no state dictionary.
 */
export function decodePyTorch(
  bytes: Uint8Array,
  name = 'checkpoint',
  options: { readonly at?: string } = {},
): PyTorchState {
  const { path, tensors: references, others } = findState(read(bytes, name), name, options.at);
  requireModest(references, bytes.length, name);
  const prefix = commonPrefix(references.keys());
  const made = new Map<TensorReference, Tensor<DataType>>();
  const tensors = new Map<string, Tensor<DataType>>();
  for (const [key, reference] of references) {
    const tensor = made.get(reference) ?? materialise(reference, name);
    made.set(reference, tensor);
    tensors.set(key.slice(prefix.length), tensor);
  }
  return { path, tensors, prefix, others };
}

function read(bytes: Uint8Array, name: string) {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return readZipCheckpoint(bytes, name);
  if (looksLegacy(bytes)) return readLegacyCheckpoint(bytes, name);
  const start = bytes.length === 0 ? 'is empty' : `starts with ${hex(bytes.subarray(0, 8))}`;
  throw new ModelError(
    name,
    `is no PyTorch checkpoint: expected a zip archive or a pickle of torch.save, the file ${start}`,
  );
}

function requireModest(
  references: ReadonlyMap<string, TensorReference>,
  fileSize: number,
  name: string,
): void {
  const most = Math.max(FREE_BYTES, EXPANSION * fileSize);
  let total = 0;
  for (const { size, storage } of references.values())
    total += size * bytesPerElement(storage.dataType);
  if (total > most)
    throw new ModelError(
      name,
      `its tensors take ${total} bytes, more than ${most} for a file of ${fileSize}: they repeat the same elements`,
    );
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
