import { add, constant, mul, scalar, sub } from '../graph/index.js';
import { ParameterError } from '../tensor/errors.js';
import { tensor } from '../tensor/tensor.js';
import { convolution } from './layers.js';
import type { Network } from './network.js';
import { crop, padToMultiple } from './padding.js';
import { type SwinirConfig, swinirSchema } from './swinir/configuration.js';
import { configureSwinir } from './swinir/configure.js';
import { deepFeatures, residualConvolution } from './swinir/deep-features.js';
import { reconstruct } from './swinir/reconstruction.js';

/** Mean of DIV2K's RGB in [0, 1]. */
const RGB_MEAN = [0.4488, 0.4371, 0.404];

/**
 * SwinIR (Liang et al., "SwinIR: Image Restoration Using Swin Transformer", 2021). The input is
 * a picture [N, channels, H, W] in [0, 1]; the output is `scale` times as large.
 */
export const swinir: Network<SwinirConfig> = {
  name: 'swinir',
  schema: swinirSchema,
  build: (config, scope, [picture]) => {
    const [, channels, height, width] = picture!.shape as [number, number, number, number];
    if (channels !== config.channels)
      throw new ParameterError('swinir input', `${config.channels} channels`, channels);
    const mean = config.channels === 3 ? constant(tensor([1, 3, 1, 1], RGB_MEAN)) : undefined;
    const range = config.range === 1 ? undefined : scalar(config.range);
    const padded = padToMultiple(picture!, config.padding);
    const centred = mean === undefined ? padded : sub(padded, mean);
    const x = range === undefined ? centred : mul(centred, range);
    const shallow = convolution(scope.child('conv_first'), x, { filters: config.embedding });
    const deep = deepFeatures(config, scope, shallow);
    const features = add(
      residualConvolution(config, scope.child('conv_after_body'), deep),
      shallow,
    );
    const made = reconstruct(config, scope, features);
    const whole = config.upsampler === '' ? add(x, made) : made;
    const small = range === undefined ? whole : mul(whole, scalar(1 / config.range));
    const result = mean === undefined ? small : add(small, mean);
    return crop(result, height * config.scale, width * config.scale);
  },
  inputShapes: ({ channels }, { batch, height, width }) => [[batch, channels, height, width]],
  scale: ({ scale }) => scale,
  // A position embedding fits the size of its training alone, which is square.
  sizeRule: ({ padding, positions = padding ** 2 }) => ({
    multiple: padding,
    minimum: Math.round(Math.sqrt(positions)),
  }),
  receptiveRadius: () => undefined,
  isBuffer: (key) => /(^|\.)(attn_mask|relative_position_index|mean)$/.test(key),
  configure: configureSwinir,
};
