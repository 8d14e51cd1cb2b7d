import { ParameterError } from '../../tensor/errors.js';
import { isParameter, scalar } from '../leaves.js';
import { broadcastShapes, requireFloat } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

const operator: Operator<null> = {
  name: 'prelu',
  infer: ([x, slope]) => {
    requireFloat('prelu', x!);
    requireFloat('prelu slope', slope!);
    if (broadcastShapes('prelu', x!.shape, slope!.shape).join() !== x!.shape.join())
      throw new ParameterError(
        'prelu slope',
        `a shape that broadcasts to [${x!.shape}]`,
        slope!.shape,
      );
    return { shape: x!.shape, dataType: 'float32' };
  },
  lower: (emitter, inputs, { inputs: [, slope] }) => {
    const known = isParameter(slope!) ? emitter.weights(slope.attributes.name) : undefined;
    // A single known slope makes it an operator that ONNX Runtime merges into convolutions.
    return known?.data.length === 1
      ? emitter.node('LeakyRelu', [inputs[0]!], { alpha: { float: known.data[0]! } })
      : emitter.node('PRelu', inputs);
  },
  gradient: ({ inputs: [x, slope] }, upstream, operators) => {
    const positive = operators.greater(x!, scalar(0));
    return [
      operators.where(positive, upstream, operators.mul(upstream, slope!)),
      operators.sumTo(
        operators.where(positive, scalar(0), operators.mul(upstream, x!)),
        slope!.shape,
      ),
    ];
  },
};

/** x where positive, `slope` times x elsewhere; `slope` broadcasts to x. */
export function prelu(x: Value, slope: Value): Value {
  return apply(operator, [x, slope], null);
}
