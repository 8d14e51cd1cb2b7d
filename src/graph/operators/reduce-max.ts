import { defineReduction } from './reduction.js';

/** Largest elements over axes; equal maxima share the gradient evenly. */
export const reduceMax = defineReduction(
  'reduceMax',
  'ReduceMax',
  ({ x, result, upstream }, { cast, div, equal, mul, sumTo }) => {
    const winners = cast(equal(x, result), 'float32');
    return mul(winners, div(upstream, sumTo(winners, result.shape)));
  },
);
