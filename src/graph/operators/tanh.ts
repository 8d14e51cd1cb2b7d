import { scalar } from '../leaves.js';
import { defineUnary } from './unary.js';

/** The hyperbolic tangent. */
export const tanh = defineUnary('tanh', 'Tanh', (node, upstream, { mul, sub }) =>
  mul(upstream, sub(scalar(1), mul(node, node))),
);
