import { ModelError } from '../tensor/errors.js';
import { decodeSafetensors } from '../tensor/safetensors.js';
import type { DataType, Tensor } from '../tensor/tensor.js';
import { decodePyTorch } from './pytorch/index.js';

/** The forms in which state dictionaries are published. */
export type CheckpointFormat = 'safetensors' | 'pytorch';

/** A state dictionary out of a file of either form. */
export interface DecodedState {
  readonly format: CheckpointFormat;
  readonly tensors: ReadonlyMap<string, Tensor<DataType>>;
  /** The text that a safetensors file carries along; empty in PyTorch checkpoints. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * The form of a checkpoint, from its first bytes.
 * @throws ModelError that says what the file is instead, where that can be seen.
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
    return 'is an ONNX model, which is a module of its own kind and no checkpoint of a network here';
  return `is no checkpoint: it starts with ${hex(bytes.subarray(0, 8))}`;
}

/** A protobuf whose first field is the small number of an ONNX version, followed by a known field. */
function looksLikeOnnx(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x08 && bytes[1]! < 0x20 && [0x12, 0x1a, 0x22, 0x3a, 0x42].includes(bytes[2]!)
  );
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
