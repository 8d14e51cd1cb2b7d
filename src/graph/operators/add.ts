import { defineBinary } from './binary.js';

/** x + y, broadcast. */
export const add = defineBinary('add', 'Add', ({ inputs: [x, y] }, upstream, { sumTo }) => [
  sumTo(upstream, x!.shape),
  sumTo(upstream, y!.shape),
]);
