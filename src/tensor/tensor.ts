import { ParameterError } from '../utils/errors.js';

/** Element types, named as in NumPy. */
export type DataType =
  | 'float64'
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint16'
  | 'uint8'
  | 'bool';

interface ArrayOf {
  float64: Float64Array;
  float32: Float32Array;
  /** Raw bits; see half.ts for the conversion. */
  float16: Uint16Array;
  /** Raw bits; see half.ts for the conversion. */
  bfloat16: Uint16Array;
  int64: BigInt64Array;
  int32: Int32Array;
  int16: Int16Array;
  int8: Int8Array;
  uint16: Uint16Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

/** The typed array that holds elements of a data type. */
export type DataArray<D extends DataType = DataType> = ArrayOf[D];

/** A dense row-major array. */
export interface Tensor<D extends DataType = 'float32'> {
  readonly dataType: D;
  readonly shape: readonly number[];
  readonly data: DataArray<D>;
}

/** The typed array of each data type. */
export const arrayTypes = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const satisfies Record<DataType, unknown>;

/** Number of elements of a shape; 1 for a scalar's empty shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Bytes of one element of a data type. */
export function bytesPerElement(dataType: DataType): number {
  return arrayTypes[dataType].BYTES_PER_ELEMENT;
}

/** A zero-filled typed array for `length` elements of a data type. */
export function allocate<D extends DataType>(dataType: D, length: number): DataArray<D> {
  return new arrayTypes[dataType](length) as DataArray<D>;
}

/**
 * A float32 tensor over `data`, which is not copied.
 * @throws ParameterError where the shape and the length of the data disagree.
 * @example
 * const grey = tensor([3, 4, 6], new Float32Array(72).fill(0.5));
 */
export function tensor(
  shape: readonly number[],
  data: Float32Array | readonly number[] = new Float32Array(sizeOf(shape)),
): Tensor {
  return typedTensor(
    'float32',
    shape,
    data instanceof Float32Array ? data : Float32Array.from(data),
  );
}

/**
 * A tensor of any data type over `data`, which is not copied.
 * @throws ParameterError where the shape and the length of the data disagree.
 */
export function typedTensor<D extends DataType>(
  dataType: D,
  shape: readonly number[],
  data: DataArray<D>,
): Tensor<D> {
  if (shape.some((extent) => !Number.isInteger(extent) || extent < 0))
    throw new ParameterError('shape', 'non-negative integers', shape);
  if (data.length !== sizeOf(shape))
    throw new ParameterError('data', `${sizeOf(shape)} elements for [${shape}]`, data.length);
  return { dataType, shape, data };
}
