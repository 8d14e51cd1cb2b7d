import { defineUnary } from './unary.js';

/** e to the power x. */
export const exp = defineUnary('exp', 'Exp', (node, upstream, { mul }) => mul(upstream, node));
