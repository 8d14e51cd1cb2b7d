import { add, leakyRelu, type ParameterScope, type Value } from '../../graph/index.js';
import { convolution } from '../layers.js';

const SLOPE = 0.1;

export function rectified(x: Value): Value {
  return leakyRelu(x, SLOPE);
}

/** `count` residual blocks of two convolutions, `body.0` to `body.(count - 1)`. */
export function residualBlocks(scope: ParameterScope, x: Value, count: number): Value {
  const filters = x.shape[1]!;
  let result = x;
  for (let block = 0; block < count; block += 1) {
    const own = scope.child(`body.${block}`);
    const hidden = rectified(convolution(own.child('conv1'), result, { filters }));
    result = add(result, convolution(own.child('conv2'), hidden, { filters }));
  }
  return result;
}
