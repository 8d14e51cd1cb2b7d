import { allocate, sizeOf, type Tensor, typedTensor } from '../../tensor/tensor.js';

/** Data types of images that operators take; sums are of double precision in both. */
export type Precision = 'float32' | 'float64';

/** A tensor of zeros. */
export function zeros<P extends Precision>(dataType: P, shape: readonly number[]): Tensor<P> {
  return typedTensor(dataType, shape, allocate(dataType, sizeOf(shape)));
}

/** The values of a tensor of either precision, which are not copied. */
export function realsOf(image: Tensor<Precision>): Float32Array | Float64Array {
  return image.data as Float32Array | Float64Array;
}
