import { defineUnary } from './unary.js';

/** The natural logarithm. */
export const log = defineUnary('log', 'Log', ({ inputs: [x] }, upstream, { div }) =>
  div(upstream, x!),
);
