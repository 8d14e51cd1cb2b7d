import { arrayTypes, type DataArray, type DataType, type Tensor, typedTensor } from './tensor.js';

/** A copy in memory that threads share; a tensor that lies there is given back as it is. */
export function inSharedMemory<D extends DataType>(value: Tensor<D>): Tensor<D> {
  const { dataType, shape, data } = value;
  if (data.buffer instanceof SharedArrayBuffer) return value;
  const ArrayType = arrayTypes[dataType] as unknown as new (
    buffer: SharedArrayBuffer,
  ) => DataArray<D>;
  const copy = new ArrayType(new SharedArrayBuffer(data.byteLength));
  (copy as Float32Array).set(data as Float32Array);
  return typedTensor(dataType, shape, copy);
}
