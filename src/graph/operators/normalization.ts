import { ParameterError } from '../../utils/errors.js';
import { scalar } from '../leaves.js';
import { requireFloat } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

const layerNormOperator: Operator<{ readonly epsilon: number }> = {
  name: 'layerNorm',
  infer: ([x, weight, bias]) => {
    requireFloat('layerNorm', x!);
    const width = x!.shape.at(-1);
    for (const value of [weight!, bias!])
      if (value.shape.join() !== `${width}`)
        throw new ParameterError('layerNorm', `weight and bias of shape [${width}]`, value.shape);
    return { shape: x!.shape, dataType: 'float32' };
  },
  lower: (emitter, inputs, { attributes: { epsilon } }) =>
    emitter.node('LayerNormalization', inputs, { axis: { int: -1 }, epsilon: { float: epsilon } }),
  gradient: ({ inputs: [x, weight, bias], attributes: { epsilon } }, upstream, operators) => {
    const { add, div, mul, reduceMean, sqrt, sub, sumTo } = operators;
    const centred = sub(x!, reduceMean(x!, [-1]));
    const deviation = sqrt(add(reduceMean(mul(centred, centred), [-1]), scalar(epsilon)));
    const normal = div(centred, deviation);
    const scaled = mul(upstream, weight!);
    const along = mul(normal, reduceMean(mul(scaled, normal), [-1]));
    return [
      div(sub(sub(scaled, reduceMean(scaled, [-1])), along), deviation),
      sumTo(mul(upstream, normal), weight!.shape),
      sumTo(upstream, bias!.shape),
    ];
  },
};

/** x normalised to mean 0 and variance 1 over the last axis, then scaled and shifted. */
export function layerNorm(x: Value, weight: Value, bias: Value, epsilon = 1e-5): Value {
  return apply(layerNormOperator, [x, weight, bias], { epsilon });
}

const softmaxOperator: Operator<null> = {
  name: 'softmax',
  infer: ([x]) => {
    requireFloat('softmax', x!);
    return { shape: x!.shape, dataType: 'float32' };
  },
  lower: (emitter, inputs) => emitter.node('Softmax', inputs, { axis: { int: -1 } }),
  gradient: (node, upstream, { mul, reduceSum, sub }) => [
    mul(node, sub(upstream, reduceSum(mul(node, upstream), [-1]))),
  ],
};

/** exp(x) normalised to sum 1 over the last axis. */
export function softmax(x: Value): Value {
  return apply(softmaxOperator, [x], null);
}
