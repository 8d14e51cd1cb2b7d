import { scalar } from '../leaves.js';
import { defineUnary } from './unary.js';

/** max(x, 0); the gradient at 0 is 0. */
export const relu = defineUnary('relu', 'Relu', (node, upstream, { greater, where }) =>
  where(greater(node, scalar(0)), upstream, scalar(0)),
);
