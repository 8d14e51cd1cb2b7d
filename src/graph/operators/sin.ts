import { lowerSine } from './sine.js';
import { defineUnary } from './unary.js';

/** The sine of x radians. */
export const sin = defineUnary(
  'sin',
  (emitter, x) => lowerSine(emitter, x, 'sin'),
  ({ inputs: [x] }, upstream, { cos, mul }) => mul(upstream, cos(x!)),
);
