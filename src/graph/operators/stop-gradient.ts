import { requireFloat } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

const operator: Operator<null> = {
  name: 'stopGradient',
  infer: ([x]) => {
    requireFloat('stopGradient', x!);
    return { shape: x!.shape, dataType: 'float32' };
  },
  lower: (emitter, inputs) => emitter.node('Identity', inputs),
  gradient: () => [undefined],
};

/**
 * The value itself, taken for a constant by derivatives, as `detach` in PyTorch.
 *
 * @example
 * // The derivative of y is x, not 2 x.
 * const y = mul(x, stopGradient(x));
 */
export function stopGradient(x: Value): Value {
  return apply(operator, [x], null);
}
