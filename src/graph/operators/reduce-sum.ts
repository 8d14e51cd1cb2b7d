import { defineReduction } from './reduction.js';

/** Sums over axes. */
export const reduceSum = defineReduction('reduceSum', 'ReduceSum', ({ x, upstream }, { expand }) =>
  expand(upstream, x.shape),
);
