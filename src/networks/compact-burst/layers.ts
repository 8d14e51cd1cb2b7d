import { type Initial, type ParameterScope, type Value, add, leakyRelu } from '../../graph/index.js';
import { type ConvolutionLayer, convolution } from '../layers.js';

const SLOPE = 0.1;
/** Of the last convolution of a residual block at first, so that blocks begin as they are. */
const FIRST_SHARE = 0.1;

export function rectified(x: Value): Value {
  return leakyRelu(x, SLOPE);
}

/**
 * A convolution that begins with weights under which rectified values keep their size (He et al.,
 * "Delving Deep into Rectifiers", ICCV 2015), times `gain`.
 */
export function layer(
  scope: ParameterScope,
  x: Value,
  options: Omit<ConvolutionLayer, 'initial'>,
  gain = 1,
): Value {
  const { kernel = 3 } = options;
  const fanIn = x.shape[1]! * kernel ** 2;
  const bound = gain * Math.sqrt(6 / fanIn);
  const initial: Initial = gain === 0 ? { kind: 'zeros' } : { kind: 'uniform', bound };
  return convolution(scope, x, { ...options, initial });
}

/** `count` residual blocks of two convolutions, `body.0` to `body.(count - 1)`. */
export function residualBlocks(scope: ParameterScope, x: Value, count: number): Value {
  const filters = x.shape[1]!;
  let result = x;
  for (let block = 0; block < count; block += 1) {
    const own = scope.child(`body.${block}`);
    const hidden = rectified(layer(own.child('conv1'), result, { filters }));
    result = add(result, layer(own.child('conv2'), hidden, { filters }, FIRST_SHARE));
  }
  return result;
}
