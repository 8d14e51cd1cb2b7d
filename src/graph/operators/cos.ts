import { lowerSine } from './sine.js';
import { defineUnary } from './unary.js';

/** The cosine of x radians. */
export const cos = defineUnary(
  'cos',
  (emitter, x) => lowerSine(emitter, x, 'cos'),
  ({ inputs: [x] }, upstream, { mul, neg, sin }) => mul(upstream, neg(sin(x!))),
);
