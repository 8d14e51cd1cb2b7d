import { defineBinary } from './binary.js';

/** x * y, broadcast. */
export const mul = defineBinary('mul', 'Mul', ({ inputs: [x, y] }, upstream, operators) => [
  operators.sumTo(operators.mul(upstream, y!), x!.shape),
  operators.sumTo(operators.mul(upstream, x!), y!.shape),
]);
