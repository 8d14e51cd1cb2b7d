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
  gradient: ({ inputs: [x], attributes: { slope } }, upstream, { greater, mul, where }) => [
    where(greater(x!, scalar(0)), upstream, mul(upstream, scalar(slope))),
  ],
};

/** x where positive, `slope` times x elsewhere. */
export function leakyRelu(x: Value, slope: number): Value {
  return apply(operator, [x], { slope });
}
