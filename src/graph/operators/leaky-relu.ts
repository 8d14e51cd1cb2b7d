import { scalar } from '../leaves.js';
import { requireFloat } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

const operator: Operator<{ readonly slope: number }> = {
  name: 'leakyRelu',
  infer: ([x]) => {
    requireFloat('leakyRelu', x!);
    return { shape: x!.shape, dataType: 'float32' };
  },
  lower: (emitter, inputs, { attributes: { slope } }) =>
    emitter.node('LeakyRelu', inputs, { alpha: { float: slope } }),
  gradient: (node, upstream, operators) => {
    const { cast, clip, greater, mul, where } = operators;
    const { inputs, attributes } = node;
    const { slope } = attributes;
    // The result is positive where x is, unless the slope is negative: then x need not be kept.
    const positive = greater(slope >= 0 ? node : inputs[0]!, scalar(0));
    if (!(slope >= 0 && slope <= 1))
      return [where(positive, upstream, mul(upstream, scalar(slope)))];
    // 1 or the slope exactly, in two thirds of the time of ONNX Runtime's `Where`.
    return [mul(upstream, clip(cast(positive, 'float32'), { minimum: slope, maximum: 1 }))];
  },
};

/** x where positive, `slope` times x elsewhere. */
export function leakyRelu(x: Value, slope: number): Value {
  return apply(operator, [x], { slope });
}
