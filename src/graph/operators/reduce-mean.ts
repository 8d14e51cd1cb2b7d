import { sizeOf } from '../../tensor/tensor.js';
import { scalar } from '../leaves.js';
import { defineReduction } from './reduction.js';

/** Means over axes. */
export const reduceMean = defineReduction(
  'reduceMean',
  'ReduceMean',
  ({ x, result, upstream }, { expand, mul }) =>
    expand(mul(upstream, scalar(sizeOf(result.shape) / sizeOf(x.shape))), x.shape),
);
