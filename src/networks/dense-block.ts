import { type ParameterScope, type Value, add, concat, leakyRelu, mul, scalar } from '../graph/index.js';
import { convolution } from './layers.js';

/** Convolutions of a dense block. */
export const DENSE_LAYERS = 5;

/**
 * The residual dense block of ESRGAN without batch normalisation: five 3x3 convolutions `conv1` to
 * `conv5`, each on the input and all earlier results, LeakyReLU 0.2 between them; a fifth of the
 * last is added to the input. Keeps the shape of [N, C, H, W]; reaches `DENSE_LAYERS` pixels.
 * @param growth channels that each layer but the last adds.
 */
export function denseBlock(scope: ParameterScope, x: Value, growth: number): Value {
  let known = x;
  for (let layer = 1; layer < DENSE_LAYERS; layer += 1) {
    const grown = convolution(scope.child(`conv${layer}`), known, { filters: growth });
    known = concat([known, leakyRelu(grown, 0.2)], 1);
  }
  const last = convolution(scope.child(`conv${DENSE_LAYERS}`), known, { filters: x.shape[1]! });
  return add(x, mul(last, scalar(0.2)));
}
