import { defineBinary } from './binary.js';

/** x / y, broadcast. */
export const div = defineBinary('div', 'Div', (node, upstream, operators) => {
  const [x, y] = node.inputs;
  const perDivisor = operators.div(upstream, y!);
  return [
    operators.sumTo(perDivisor, x!.shape),
    operators.sumTo(operators.neg(operators.mul(perDivisor, node)), y!.shape),
  ];
});
