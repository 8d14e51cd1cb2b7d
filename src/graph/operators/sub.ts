import { defineBinary } from './binary.js';

/** x - y, broadcast. */
export const sub = defineBinary('sub', 'Sub', ({ inputs: [x, y] }, upstream, { neg, sumTo }) => [
  sumTo(upstream, x!.shape),
  sumTo(neg(upstream), y!.shape),
]);
