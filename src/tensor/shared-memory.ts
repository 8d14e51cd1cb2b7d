import {
  arrayTypes,
  bytesPerElement,
  type DataArray,
  type DataType,
  sizeOf,
  type Tensor,
  typedTensor,
} from './tensor.js';

/** A copy in memory that threads share; a tensor that lies there is given back as it is. */
export function inSharedMemory<D extends DataType>(value: Tensor<D>): Tensor<D> {
  const { dataType, shape, data } = value;
  if (isShared(value)) return value;
  const copy = emptyShared(dataType, shape);
  (copy.data as Float32Array).set(data as Float32Array);
  return copy;
}

/** A tensor of zeros in memory that threads share. */
export function emptyShared<D extends DataType>(dataType: D, shape: readonly number[]): Tensor<D> {
  const ArrayType = arrayTypes[dataType] as unknown as new (
    buffer: SharedArrayBuffer,
  ) => DataArray<D>;
  const bytes = sizeOf(shape) * bytesPerElement(dataType);
  return typedTensor(dataType, shape, new ArrayType(new SharedArrayBuffer(bytes)));
}

/** Whether a tensor lies in memory that threads share. */
export function isShared({ data }: Tensor<DataType>): boolean {
  return data.buffer instanceof SharedArrayBuffer;
}
