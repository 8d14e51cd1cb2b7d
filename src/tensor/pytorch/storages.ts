import {
  allocate,
  arrayTypes,
  bytesPerElement,
  type DataArray,
  type DataType,
  sizeOf,
  type Tensor,
  typedTensor,
} from '../tensor.js';
import { type Fail, quoted } from './byte-reader.js';

/** Storage classes of PyTorch by element type. */
export const storageTypes: ReadonlyMap<string, DataType> = new Map([
  ['DoubleStorage', 'float64'],
  ['FloatStorage', 'float32'],
  ['HalfStorage', 'float16'],
  ['BFloat16Storage', 'bfloat16'],
  ['LongStorage', 'int64'],
  ['IntStorage', 'int32'],
  ['ShortStorage', 'int16'],
  ['CharStorage', 'int8'],
  ['ByteStorage', 'uint8'],
  ['BoolStorage', 'bool'],
]);

/** A run of elements that tensors are views of. */
export class Storage {
  readonly key: string;
  readonly dataType: DataType;
  readonly length: number;
  #elements: DataArray | undefined;

  constructor(key: string, dataType: DataType, length: number) {
    this.key = key;
    this.dataType = dataType;
    this.length = length;
  }

  get byteLength(): number {
    return this.length * bytesPerElement(this.dataType);
  }

  /**
   * Gives the storage its bytes, copied only where they are not aligned.
   * Throws where their number is not the stated one.
   */
  fill(bytes: Uint8Array, fail: Fail): void {
    if (bytes.length !== this.byteLength)
      throw fail(
        `storage ${quoted(this.key)}: ${this.length} elements of ${this.dataType} take ${this.byteLength} bytes, received ${bytes.length}`,
      );
    const aligned = bytes.byteOffset % bytesPerElement(this.dataType) === 0;
    const source = aligned ? bytes : Uint8Array.from(bytes);
    this.#elements = new arrayTypes[this.dataType](
      source.buffer as ArrayBuffer,
      source.byteOffset,
      this.length,
    );
  }

  get filled(): boolean {
    return this.#elements !== undefined;
  }

  /** Throws where the file holds no bytes for the storage. */
  elements(fail: Fail): DataArray {
    if (this.#elements === undefined)
      throw fail(`holds no data for the storage ${quoted(this.key)}`);
    return this.#elements;
  }
}

const HIGHEST_RANK = 16;

/** A strided view of a storage; nothing is copied before `materialise`. */
export class TensorReference {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  /** Throws where the view reaches beyond its storage. */
  constructor(
    storage: Storage,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
    fail: Fail,
  ) {
    if (shape.length > HIGHEST_RANK || strides.length !== shape.length)
      throw fail(
        `a tensor has ${shape.length} dimensions and ${strides.length} strides; expected as many of each, ${HIGHEST_RANK} at most`,
      );
    const last = shape.includes(0)
      ? offset - 1
      : shape.reduce((index, extent, axis) => index + (extent - 1) * strides[axis]!, offset);
    if (last >= storage.length)
      throw fail(
        `a tensor [${shape}] with strides [${strides}] at ${offset} reaches beyond its storage ${quoted(storage.key)} of ${storage.length} elements`,
      );
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }

  /** Number of elements, which strides of zero may make larger than the storage. */
  get size(): number {
    return sizeOf(this.shape);
  }
}

/**
 * The tensor in row-major order; over the storage's own memory where it lies so already.
 * Throws where the file holds no data for the storage or a boolean is neither 0 nor 1.
 */
export function materialise(reference: TensorReference, fail: Fail): Tensor<DataType> {
  const { storage, offset, shape, size } = reference;
  const elements = storage.elements(fail);
  const data = isRowMajor(reference)
    ? elements.subarray(offset, offset + size)
    : gather(reference, elements);
  if (storage.dataType === 'bool' && (data as Uint8Array).some((value) => value > 1))
    throw fail(`storage ${quoted(storage.key)}: a boolean is neither 0 nor 1`);
  return typedTensor(storage.dataType, shape, data);
}

function isRowMajor({ shape, strides }: TensorReference): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return shape.includes(0);
    expected *= shape[axis]!;
  }
  return true;
}

function gather({ storage, offset, shape, strides, size }: TensorReference, elements: DataArray) {
  const data = allocate(storage.dataType, size);
  const index = shape.map(() => 0);
  let source = offset;
  for (let target = 0; target < size; target++) {
    data[target] = elements[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      source += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return data;
}
