import type { Network, StateShapes } from '../networks/network.js';
import {
  findImageNetwork,
  findNetwork,
  findPerceptualNetwork,
  imageNetworks,
  perceptualNetworks,
} from '../networks/registry.js';
import { toFloat32 } from '../tensor/half.js';
import { hex } from '../tensor/pytorch/byte-reader.js';
import { decodePyTorch } from '../tensor/pytorch/decode-pytorch.js';
import { decodeSafetensors } from '../tensor/safetensors.js';
import type { DataType, Tensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import { type Detected, detectNetwork, type Findings } from './detection/detect.js';
import { decodeModule, type Module, type PerceptualModule, requireWeights } from './module-file.js';
import { decodeOnnx, type OnnxFile } from './onnx/decode-onnx.js';

/** Facts of a checkpoint that the caller states. */
export interface CheckpointOptions {
  /** Where in a PyTorch checkpoint the state dictionary lies: keys joined by '/'. */
  readonly at?: string;
  /** The architecture, instead of detecting it. */
  readonly network?: string;
  /**
   * Entries of the configuration, in the reference's names, that shapes do not determine, such
   * as an activation; they override what is detected.
   */
  readonly config?: unknown;
}

/**
 * A published checkpoint as a module: the form from the file's first bytes, the architecture and
 * its configuration from keys and shapes. Files that `encodeModule` wrote state both themselves.
 * Weights of any element type become float32.
 * @param name what messages call the file.
 * @throws ModelError where the file is damaged, no checkpoint or fits no architecture, where a
 * value is not finite or fits no float32, or where repeated parameters differ. ParameterError for
 * an unknown `network` or a `config` that is no object.
 *
 * @example
 * const module = decodeCheckpoint(bytes, '001_classicalSR_DIV2K_s48w8_SwinIR-M_x4.pth');
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  name: string,
  options: CheckpointOptions = {},
): Module {
  return requireImageModule(decodeAny(bytes, name, options), name);
}

function requireImageModule({ network, ...rest }: Module<Network>, name: string): Module {
  if (network.role === 'perceptual')
    throw new ModelError(
      name,
      `is ${network.name}, an image quality metric; expected a network whose output is an image`,
    );
  return { network, ...rest };
}

/** A checkpoint of a network of any role. */
function decodeAny(bytes: Uint8Array, name: string, options: CheckpointOptions): Module<Network> {
  const { tensors, metadata } = decodeState(bytes, name, options);
  const stated = options.network !== undefined || options.config !== undefined;
  if (!stated && metadata.has('network') && metadata.has('config'))
    return decodeModule(bytes, name, findNetwork);
  const { config, network } = checkedOptions(options);
  const found = detectNetwork<Network>(shapesOf(tensors), name, {
    ...(network !== undefined ? { among: [network] } : stated ? { among: imageNetworks } : {}),
    ...(config === undefined ? {} : { config }),
  });
  return moduleOf(found, tensors, name);
}

/** A checkpoint's tensors as the module that was detected in them. */
function moduleOf<N extends Network>(
  found: Detected<N>,
  tensors: ReadonlyMap<string, Tensor<DataType>>,
  name: string,
): Module<N> {
  const { network, config, statedConfig } = found;
  const weights = detectedWeights(found, tensors, name);
  requireWeights(network, config, weights, name);
  return { network, config, statedConfig, weights };
}

/**
 * As `decodeCheckpoint`, for image quality metrics: LPIPS with its backbone, or TOPIQ.
 * @param options.at where in a PyTorch checkpoint the state dictionary lies: keys joined by '/'.
 * @throws ModelError as `decodeCheckpoint`.
 */
export function decodePerceptualCheckpoint(
  bytes: Uint8Array,
  name: string,
  options: Pick<CheckpointOptions, 'at'> = {},
): PerceptualModule {
  const { tensors, metadata } = decodeState(bytes, name, options);
  if (metadata.has('network') && metadata.has('config'))
    return decodeModule(bytes, name, findPerceptualNetwork);
  const found = detectNetwork(shapesOf(tensors), name, { among: perceptualNetworks });
  return moduleOf(found, tensors, name);
}

function checkedOptions({ network, config }: CheckpointOptions) {
  const found = network === undefined ? undefined : findImageNetwork(network);
  if (network !== undefined && found === undefined)
    throw new ParameterError('network', 'the name of a known architecture', network);
  if (config === undefined) return { network: found };
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new ParameterError('config', 'an object', config);
  return { network: found, config: config as Record<string, unknown> };
}

/** Shapes of a state dictionary by key, as detection wants them. */
export function shapesOf(tensors: ReadonlyMap<string, Tensor<DataType>>): StateShapes {
  return new Map([...tensors].map(([key, { shape }]) => [key, shape]));
}

/**
 * The tensors of a checkpoint as float32 under their declared names, without buffers.
 * @throws ModelError where a value fits no float32, or where two keys of one parameter differ: then
 * the network was changed, and is not the one that was detected.
 */
export function detectedWeights(
  { names }: Pick<Findings, 'names'>,
  tensors: ReadonlyMap<string, Tensor<DataType>>,
  name: string,
): ReadonlyMap<string, Tensor> {
  const weights = new Map<string, Tensor>();
  for (const [key, declared] of names) {
    const value = widen(tensors.get(key)!, key, name);
    const known = weights.get(declared);
    if (known === undefined) weights.set(declared, value);
    else if (known.data.some((entry, place) => !Object.is(entry, value.data[place])))
      throw new ModelError(name, `${key} should repeat ${declared}, but holds other values`);
  }
  return weights;
}

/** A file of weights of any kind. */
export type DecodedModel =
  | { readonly kind: 'network'; readonly module: Module }
  | { readonly kind: 'perceptual'; readonly module: PerceptualModule }
  | { readonly kind: 'onnx'; readonly file: OnnxFile };

/**
 * Reads a file of weights: an ONNX model where its name ends in `.onnx`, otherwise a checkpoint of
 * a network of any role.
 * @param name of the file.
 * @throws ModelError and ParameterError as `decodeCheckpoint` and `decodeOnnx`.
 */
export function decodeModel(
  bytes: Uint8Array,
  name: string,
  options: CheckpointOptions = {},
): DecodedModel {
  if (/\.onnx$/i.test(name)) return { kind: 'onnx', file: decodeOnnx(bytes, name) };
  const { network, ...rest } = decodeAny(bytes, name, options);
  return network.role === 'perceptual'
    ? { kind: 'perceptual', module: { network, ...rest } }
    : { kind: 'network', module: { network, ...rest } };
}

/** The forms in which state dictionaries are published. */
type CheckpointFormat = 'safetensors' | 'pytorch';

/** A state dictionary out of a file of either form. */
interface DecodedState {
  readonly format: CheckpointFormat;
  readonly tensors: ReadonlyMap<string, Tensor<DataType>>;
  /** The text that a safetensors file carries along; empty in PyTorch checkpoints. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * The form of a checkpoint, from its first bytes.
 * @throws ModelError that names what the file is instead, where its first bytes show it.
 */
export function checkpointFormat(bytes: Uint8Array, name: string): CheckpointFormat {
  if (startsWithHeader(bytes)) return 'safetensors';
  const [first, second] = bytes;
  if ((first === 0x50 && second === 0x4b) || first === 0x80) return 'pytorch';
  throw new ModelError(name, otherwise(bytes), {
    expected: 'a safetensors file or a PyTorch checkpoint',
    received: bytes.length === 0 ? 'nothing' : hex(bytes.subarray(0, 8)),
  });
}

/**
 * Reads the state dictionary of a checkpoint of either form.
 * @param name what messages call the file.
 * @param options.at where in a PyTorch checkpoint the state dictionary lies: keys joined by '/'.
 * @throws ModelError where the file is damaged or no checkpoint.
 */
export function decodeState(
  bytes: Uint8Array,
  name: string,
  options: { readonly at?: string } = {},
): DecodedState {
  const format = checkpointFormat(bytes, name);
  if (format === 'safetensors') return { format, ...decodeSafetensors(bytes, name) };
  const { tensors } = decodePyTorch(bytes, name, options);
  return { format, tensors, metadata: new Map() };
}

/** Eight bytes of a length below 2^48, then the brace of a JSON object. */
function startsWithHeader(bytes: Uint8Array): boolean {
  return bytes.length >= 9 && bytes[8] === 0x7b && bytes[6] === 0 && bytes[7] === 0;
}

function otherwise(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'is empty';
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 64)).trimStart();
  if (start.startsWith('version https://git-lfs'))
    return 'is a pointer of Git LFS, not the weights; fetch the file itself';
  if (start.startsWith('<')) return 'is a web page, not weights; its download went wrong';
  if (looksLikeOnnx(bytes))
    return 'is an ONNX model, which packs take as it is; it is not a checkpoint of a network of this package';
  return `is no checkpoint: it starts with ${hex(bytes.subarray(0, 8))}`;
}

/** A protobuf whose first field is the small number of an ONNX version, followed by a known field. */
function looksLikeOnnx(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x08 && bytes[1]! < 0x20 && [0x12, 0x1a, 0x22, 0x3a, 0x42].includes(bytes[2]!)
  );
}

/**
 * A checkpoint's tensor as float32. Half precisions and small integers are exact, double precision
 * is rounded to nearest.
 * @param subject what messages call the checkpoint.
 * @throws ModelError where a finite double is beyond the range of float32, or an integer is not
 * exact in float32.
 */
export function widen(source: Tensor<DataType>, key: string, subject: string): Tensor {
  const wide = toFloat32(source);
  if (source.dataType === 'float64') {
    const values = source.data as Float64Array;
    const place = values.findIndex(
      (value, index) => Number.isFinite(value) && !Number.isFinite(wide.data[index]!),
    );
    if (place >= 0) throw misfit(subject, key, place, values[place]!);
  } else if (source.dataType === 'int64' || source.dataType === 'int32') {
    const values = source.data as Int32Array | BigInt64Array;
    for (const [place, value] of values.entries())
      if (BigInt(wide.data[place]!) !== BigInt(value)) throw misfit(subject, key, place, value);
  }
  return wide;
}

function misfit(subject: string, key: string, place: number, value: number | bigint): ModelError {
  return new ModelError(subject, `${key}[${place}] is ${value}, which does not fit float32`, {
    expected: 'a number that float32 can hold',
    received: String(value),
  });
}
