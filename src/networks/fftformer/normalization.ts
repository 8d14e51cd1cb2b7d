import { type ParameterScope, type Value, add, div, mul, reduceMean, reshape, scalar, sqrt, sub, transpose } from '../../graph/index.js';
import { layerNormalization } from '../layers.js';

const EPSILON = 1e-5;

/**
 * Every pixel of [N, C, H, W] normalised over its channels, with parameters below `body`: to mean
 * 0 and variance 1, scaled and shifted, where it is `centred`; else divided by its standard
 * deviation and scaled, the mean left in.
 */
export function normalization(scope: ParameterScope, x: Value, centred: boolean): Value {
  const body = scope.child('body');
  return centred ? alongChannels(x, (pixels) => layerNormalization(body, pixels)) : scaled(body, x);
}

function scaled(scope: ParameterScope, x: Value): Value {
  const channels = x.shape[1]!;
  const difference = sub(x, reduceMean(x, [1]));
  const variance = reduceMean(mul(difference, difference), [1]);
  const weight = scope.parameter('weight', [channels], { kind: 'ones' });
  return mul(div(x, sqrt(add(variance, scalar(EPSILON)))), reshape(weight, [1, channels, 1, 1]));
}

/** What `change` makes of [N, H W, C], as a picture again. */
function alongChannels(x: Value, change: (pixels: Value) => Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const pixels = transpose(reshape(x, [batch, channels, height * width]), [0, 2, 1]);
  return reshape(transpose(change(pixels), [0, 2, 1]), x.shape);
}
