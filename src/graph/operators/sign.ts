import { defineUnary } from './unary.js';

/** -1, 0 or 1; constant almost everywhere, so without a gradient. */
export const sign = defineUnary('sign', 'Sign', () => undefined);
