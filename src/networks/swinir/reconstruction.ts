import { type ParameterScope, type Value, leakyRelu, pixelShuffle, resizeNearest } from '../../graph/index.js';
import { convolution } from '../layers.js';
import type { SwinirConfig } from './configuration.js';

const FEATURES = 64;
/** The reference leaves the first rectifier's slope at PyTorch's default. */
const FIRST_SLOPE = 0.01;
const SLOPE = 0.2;

/** Features [N, embedding, H, W] to the picture [N, channels, H scale, W scale]. */
export function reconstruct(config: SwinirConfig, scope: ParameterScope, x: Value): Value {
  const { channels: filters, scale } = config;
  if (config.upsampler === '') return convolution(scope.child('conv_last'), x, { filters });
  if (config.upsampler === 'pixelshuffledirect') {
    const folded = convolution(scope.child('upsample.0'), x, { filters: filters * scale ** 2 });
    return pixelShuffle(folded, scale);
  }
  const before = convolution(scope.child('conv_before_upsample.0'), x, { filters: FEATURES });
  const features = leakyRelu(before, FIRST_SLOPE);
  const large =
    config.upsampler === 'pixelshuffle'
      ? shuffledUp(scope.child('upsample'), features, scale)
      : nearestUp(scope, features, scale);
  return convolution(scope.child('conv_last'), large, { filters });
}

function shuffledUp(scope: ParameterScope, features: Value, scale: number): Value {
  const factors = scale === 3 ? [3] : new Array<number>(Math.log2(scale)).fill(2);
  return factors.reduce((x, factor, step) => {
    const filters = FEATURES * factor ** 2;
    return pixelShuffle(convolution(scope.child(`${2 * step}`), x, { filters }), factor);
  }, features);
}

function nearestUp(scope: ParameterScope, features: Value, scale: number): Value {
  const smooth = (name: string, x: Value): Value =>
    leakyRelu(convolution(scope.child(name), x, { filters: FEATURES }), SLOPE);
  let x = smooth('conv_up1', resizeNearest(features, 2));
  if (scale === 4) x = smooth('conv_up2', resizeNearest(x, 2));
  return smooth('conv_hr', x);
}
