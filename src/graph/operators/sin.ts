import { defineUnary } from './unary.js';

/** The sine of x radians. */
export const sin = defineUnary('sin', 'Sin', ({ inputs: [x] }, upstream, { cos, mul }) =>
  mul(upstream, cos(x!)),
);
