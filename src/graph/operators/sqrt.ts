import { scalar } from '../leaves.js';
import { defineUnary } from './unary.js';

/** The square root. */
export const sqrt = defineUnary('sqrt', 'Sqrt', (node, upstream, { div, mul }) =>
  div(mul(upstream, scalar(0.5)), node),
);
