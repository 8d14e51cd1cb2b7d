import { defineUnary } from './unary.js';

/** The cosine of x radians. */
export const cos = defineUnary('cos', 'Cos', ({ inputs: [x] }, upstream, { mul, neg, sin }) =>
  mul(upstream, neg(sin(x!))),
);
