import { defineUnary } from './unary.js';

/** -x. */
export const neg = defineUnary('neg', 'Neg', (_node, upstream, operators) =>
  operators.neg(upstream),
);
