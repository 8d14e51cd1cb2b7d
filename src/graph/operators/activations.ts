import { ParameterError } from '../../utils/errors.js';
import { isParameter, scalar } from '../leaves.js';
import { broadcastShapes, requireFloat } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import { add, defineUnary, div, erf, mul } from './elementwise.js';

/** max(x, 0); the gradient at 0 is 0. */
export const relu = defineUnary('relu', 'Relu', (node, upstream, { cast, greater, mul }) =>
  // A product with 0 or 1 takes two thirds of the time of ONNX Runtime's `Where`.
  mul(upstream, cast(greater(node, scalar(0)), 'float32')),
);

const leakyReluOperator: Operator<{ readonly slope: number }> = {
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
  return apply(leakyReluOperator, [x], { slope });
}

const preluOperator: Operator<null> = {
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
    if (known?.data.length === 1)
      return emitter.node('LeakyRelu', [inputs[0]!], { alpha: { float: known.data[0]! } });
    // Four passes over memory, and less than half the time of ONNX Runtime's own operator.
    const above = emitter.node('Relu', [inputs[0]!]);
    const below = emitter.node('Sub', [inputs[0]!, above]);
    return emitter.node('Add', [above, emitter.node('Mul', [below, inputs[1]!])]);
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
  return apply(preluOperator, [x, slope], null);
}

/** 1 / (1 + exp(-x)). */
export const sigmoid = defineUnary('sigmoid', 'Sigmoid', (node, upstream, { mul, sub }) =>
  mul(upstream, mul(node, sub(scalar(1), node))),
);

/** The hyperbolic tangent. */
export const tanh = defineUnary('tanh', 'Tanh', (node, upstream, { mul, sub }) =>
  mul(upstream, sub(scalar(1), mul(node, node))),
);

/**
 * The exact Gaussian error linear unit, x Phi(x). ONNX Runtime knows this very chain, with the
 * division, and runs it as one operator.
 */
export function gelu(x: Value): Value {
  return mul(mul(x, add(erf(div(x, scalar(Math.SQRT2))), scalar(1))), scalar(0.5));
}
