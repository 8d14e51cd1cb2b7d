import { ModelError } from '../../tensor/errors.js';
import {
  allocate,
  type DataArray,
  type DataType,
  sizeOf,
  type Tensor,
  typedTensor,
} from '../../tensor/tensor.js';
import { quoted } from './byte-reader.js';
import type { Storage } from './storages.js';

const HIGHEST_RANK = 16;

/** A strided view of a storage; nothing is copied before `materialise`. */
export class TensorReference {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  /** @throws ModelError where the view reaches beyond its storage. */
  constructor(
    storage: Storage,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
    file: string,
  ) {
    if (shape.length > HIGHEST_RANK || strides.length !== shape.length)
      throw new ModelError(
        file,
        `a tensor has ${shape.length} dimensions and ${strides.length} strides; expected as many of each, ${HIGHEST_RANK} at most`,
      );
    const last = shape.includes(0)
      ? offset - 1
      : shape.reduce((index, extent, axis) => index + (extent - 1) * strides[axis]!, offset);
    if (last >= storage.length)
      throw new ModelError(
        file,
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
 * @throws ModelError where the file holds no data for the storage or a boolean is neither 0 nor 1.
 */
export function materialise(reference: TensorReference, file: string): Tensor<DataType> {
  const { storage, offset, shape, size } = reference;
  const elements = storage.elements(file);
  const data = isRowMajor(reference)
    ? elements.subarray(offset, offset + size)
    : gather(reference, elements);
  if (storage.dataType === 'bool' && (data as Uint8Array).some((value) => value > 1))
    throw new ModelError(file, `storage ${quoted(storage.key)}: a boolean is neither 0 nor 1`);
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
