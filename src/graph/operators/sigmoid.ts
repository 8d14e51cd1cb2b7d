import { scalar } from '../leaves.js';
import { defineUnary } from './unary.js';

/** 1 / (1 + exp(-x)). */
export const sigmoid = defineUnary('sigmoid', 'Sigmoid', (node, upstream, { mul, sub }) =>
  mul(upstream, mul(node, sub(scalar(1), node))),
);
