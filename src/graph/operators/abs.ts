import { defineUnary } from './unary.js';

/** |x|; the gradient at 0 is 0. */
export const abs = defineUnary('abs', 'Abs', ({ inputs: [x] }, upstream, { mul, sign }) =>
  mul(upstream, sign(x!)),
);
