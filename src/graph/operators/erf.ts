import { scalar } from '../leaves.js';
import { defineUnary } from './unary.js';

/** The error function. */
export const erf = defineUnary('erf', 'Erf', ({ inputs: [x] }, upstream, { exp, mul, neg }) =>
  mul(upstream, mul(scalar(2 / Math.sqrt(Math.PI)), exp(neg(mul(x!, x!))))),
);
