import { ModelError } from '../../utils/errors.js';
import { bytesPerElement, type DataType, type Tensor } from '../tensor.js';
import { type Fail, hex, quoted } from './byte-reader.js';
import { looksLegacy, readLegacyCheckpoint, readZipCheckpoint } from './checkpoint-containers.js';
import { Dictionary, type PickleValue } from './pickle-values.js';
import { materialise, TensorReference } from './storages.js';

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
  const fail: Fail = (message, details) => new ModelError(name, message, details);
  const made = new Map<TensorReference, Tensor<DataType>>();
  const tensors = new Map<string, Tensor<DataType>>();
  for (const [key, reference] of references) {
    const tensor = made.get(reference) ?? materialise(reference, fail);
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

/**
 * Where training frameworks put the weights, the best first: averaged weights before the last ones
 * (BasicSR, KAIR), then those of Lightning and plain scripts.
 */
const places = [
  'params_ema',
  'params-ema',
  'params',
  'ema_state_dict',
  'model_ema',
  'state_dict',
  'model_state_dict',
  'model',
  'net_g_ema',
  'g_ema',
  'net_g',
  'netG',
  'generator',
  'net',
  'network',
  'weights',
] as const;

const DEEPEST = 4;

/** The tensors of a network and where in the file they lie. */
interface FoundState {
  /** Keys from the outermost dictionary joined by '/', '/' alone for that dictionary. */
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorReference>;
  /** Keys of the same dictionary that hold something else than a tensor. */
  readonly others: readonly string[];
}

/**
 * Finds the state dictionary in what a checkpoint holds: that under the first known name, the
 * object itself where it holds tensors, or else the only dictionary of tensors there is.
 * @param at where it lies, as in `path`, instead of searching.
 * @throws ModelError where there is none, or several and no reason to prefer one.
 */
function findState(root: PickleValue, file: string, at?: string): FoundState {
  const path = at === undefined ? search(root, file, 0) : at.split('/').filter((key) => key !== '');
  let value: PickleValue | undefined = root;
  for (const key of path) value = value instanceof Dictionary ? value.entries.get(key) : undefined;
  if (path === undefined || !holdsTensors(value))
    throw new ModelError(
      file,
      `holds no state dictionary${at === undefined ? '' : ` at ${quoted(at)}`}; ${contents(root)}`,
    );
  return { path: path.length === 0 ? '/' : path.join('/'), ...tensorsOf(value, file) };
}

function search(value: PickleValue, file: string, depth: number): string[] {
  if (!(value instanceof Dictionary) || depth > DEEPEST) return [];
  const below = (key: string): string[] | undefined => {
    const inner = value.entries.get(key);
    if (!(inner instanceof Dictionary)) return undefined;
    const path = search(inner, file, depth + 1);
    return path.length > 0 || hasTensor(inner) ? [key, ...path] : undefined;
  };
  for (const place of places) {
    const path = below(place);
    if (path !== undefined) return path;
  }
  if (hasTensor(value)) return [];
  const candidates = [...value.entries].flatMap(([key, inner]) =>
    typeof key === 'string' && holdsTensors(inner) ? [key] : [],
  );
  if (candidates.length > 1)
    throw new ModelError(
      file,
      `holds several state dictionaries: ${candidates.slice(0, 20).map(quoted).join(', ')}; name one of them`,
    );
  return candidates;
}

function holdsTensors(value: PickleValue | undefined): value is Dictionary {
  return value instanceof Dictionary && hasTensor(value);
}

function hasTensor({ entries }: Dictionary): boolean {
  for (const entry of entries.values()) if (entry instanceof TensorReference) return true;
  return false;
}

function tensorsOf(dictionary: Dictionary, file: string) {
  const tensors = new Map<string, TensorReference>();
  const others: string[] = [];
  for (const [key, value] of dictionary.entries) {
    if (!(value instanceof TensorReference)) others.push(String(key));
    else if (typeof key === 'string') tensors.set(key, value);
    else throw new ModelError(file, `the tensor ${String(key)} has no text for a name`);
  }
  return { tensors, others };
}

function contents(root: PickleValue): string {
  if (!(root instanceof Dictionary)) return 'it is no dictionary';
  const keys = [...root.entries.keys()].slice(0, 20).map((key) => quoted(String(key)));
  return keys.length === 0 ? 'it is empty' : `it holds ${keys.join(', ')}`;
}

/** What wrappers for several devices put before every name. */
function commonPrefix(names: Iterable<string>): string {
  const all = [...names];
  let prefix = '';
  while (all.length > 0 && all.every((name) => name.startsWith(`${prefix}module.`)))
    prefix += 'module.';
  return prefix;
}
