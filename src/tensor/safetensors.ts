import { ModelError, ParameterError } from '../utils/errors.js';
import { parseHeader, shown } from './safetensors-header.js';
import {
  arrayTypes,
  bytesPerElement,
  type DataArray,
  type DataType,
  sizeOf,
  type Tensor,
  typedTensor,
} from './tensor.js';

/** What a safetensors file holds. */
export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, Tensor<DataType>>;
  readonly metadata: ReadonlyMap<string, string>;
}

const typeNames = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint16: 'U16',
  uint8: 'U8',
  bool: 'BOOL',
} as const satisfies Record<DataType, string>;

const dataTypes = new Map<string, DataType>(
  Object.entries(typeNames).map(([dataType, name]) => [name, dataType as DataType]),
);

const alignment = 8;

/**
 * The bytes of a safetensors file. Equal content gives equal bytes: tensors lie by element size,
 * then by name, and metadata by name.
 * @throws ParameterError where a tensor is named `__metadata__`.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor<DataType>>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  if (tensors.has('__metadata__'))
    throw new ParameterError('tensors', 'names other than the reserved one', '__metadata__');
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) =>
      bytesPerElement(b.dataType) - bytesPerElement(a.dataType) || compare(nameA, nameB),
  );
  const entries: [string, unknown][] = [];
  if (metadata.size > 0)
    entries.push([
      '__metadata__',
      Object.fromEntries([...metadata].sort(([a], [b]) => compare(a, b))),
    ]);
  let end = 0;
  for (const [name, { dataType, shape, data }] of ordered) {
    const begin = end;
    end += data.byteLength;
    entries.push([name, { dtype: typeNames[dataType], shape, data_offsets: [begin, end] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerLength = Math.ceil(json.length / alignment) * alignment;
  const bytes = new Uint8Array(8 + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8 + json.length, 8 + headerLength);
  bytes.set(json, 8);
  let position = 8 + headerLength;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file. Tensors are views into `bytes` where alignment permits, copies
 * elsewhere.
 * @param name of the file, for messages.
 * @throws ModelError where the file is cut off or damaged, has holes, overlaps, names given twice,
 * or an element type that has no typed array here.
 */
export function decodeSafetensors(bytes: Uint8Array, name = 'safetensors'): SafetensorsContent {
  const { entries, metadata, dataStart } = parseHeader(bytes, name);
  const tensors = new Map<string, Tensor<DataType>>();
  let covered = 0;
  for (const entry of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin !== covered)
      throw new ModelError(
        name,
        `tensor ${shown(entry.name)} ${entry.begin < covered ? 'overlaps its neighbour' : 'follows a hole'}: it starts at byte ${entry.begin} of the data, expected ${covered}`,
      );
    covered = entry.end;
  }
  if (dataStart + covered !== bytes.length)
    throw new ModelError(
      name,
      `expected ${dataStart + covered} bytes, received ${bytes.length}; the file is cut off or has trailing data`,
    );
  for (const entry of entries) {
    const dataType = dataTypes.get(entry.dtype);
    if (dataType === undefined)
      throw new ModelError(
        name,
        `tensor ${shown(entry.name)} has element type ${shown(entry.dtype)}; known are ${[...dataTypes.keys()].join(', ')}`,
      );
    const expected = sizeOf(entry.shape) * bytesPerElement(dataType);
    if (entry.end - entry.begin !== expected)
      throw new ModelError(
        name,
        `tensor ${shown(entry.name)}: ${entry.dtype} [${entry.shape}] takes ${expected} bytes, its offsets span ${entry.end - entry.begin}`,
      );
    const data = view(bytes, dataStart + entry.begin, expected, dataType);
    if (dataType === 'bool' && (data as Uint8Array).some((value) => value > 1))
      throw new ModelError(name, `tensor ${shown(entry.name)}: a BOOL is neither 0 nor 1`);
    tensors.set(entry.name, typedTensor(dataType, entry.shape, data));
  }
  return { tensors, metadata };
}

function view(bytes: Uint8Array, start: number, length: number, dataType: DataType): DataArray {
  const elementSize = bytesPerElement(dataType);
  const aligned = (bytes.byteOffset + start) % elementSize === 0;
  const part = bytes.subarray(start, start + length);
  const source = aligned ? part : Uint8Array.from(part);
  return new arrayTypes[dataType](
    source.buffer as ArrayBuffer,
    source.byteOffset,
    length / elementSize,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
