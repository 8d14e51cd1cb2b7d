import {
  add,
  constant,
  leakyRelu,
  mul,
  type ParameterScope,
  reshape,
  scalar,
  sub,
  transpose,
  type Value,
} from '../graph/index.js';
import { ParameterError } from '../tensor/errors.js';
import { tensor } from '../tensor/tensor.js';
import { convolution, layerNormalization } from './layers.js';
import type { Network } from './network.js';
import { crop, padToMultiple } from './padding.js';
import { swinBlock, type WindowLayout, windowLayout } from './swinir/block.js';
import { type SwinirConfig, swinirSchema } from './swinir/configuration.js';
import { configureSwinir } from './swinir/configure.js';
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

/** The residual groups of Swin blocks, [N, embedding, H, W] to the same shape. */
function deepFeatures(config: SwinirConfig, scope: ParameterScope, shallow: Value): Value {
  const { window, shift, embedding, positions } = config;
  const [height, width] = shallow.shape.slice(2) as [number, number];
  const grid = { height, width, window, shift };
  const straight = windowLayout({ ...grid, shift: 0 });
  const shifted = shift === 0 ? straight : windowLayout(grid);
  let x = toTokens(shallow);
  if (config.embeddingNorm) x = layerNormalization(scope.child('patch_embed.norm'), x);
  if (positions !== undefined) {
    if (positions !== height * width)
      throw new ParameterError(
        'swinir input',
        `${positions} pixels, the size that the position embedding was trained for`,
        [height, width],
      );
    const start = { kind: 'normal', deviation: 0.02 } as const;
    x = add(x, scope.parameter('absolute_pos_embed', [1, positions, embedding], start));
  }
  config.depths.forEach((depth, index) => {
    const layer = scope.child(`layers.${index}`);
    const group = residualGroup(config, layer, x, config.heads[index]!, depth, [straight, shifted]);
    const picture = toPicture(group, height, width);
    x = add(toTokens(residualConvolution(config, layer.child('conv'), picture)), x);
  });
  return toPicture(layerNormalization(scope.child('norm'), x), height, width);
}

function residualGroup(
  config: SwinirConfig,
  scope: ParameterScope,
  x: Value,
  heads: number,
  depth: number,
  layouts: readonly [WindowLayout, WindowLayout],
): Value {
  const { hiddenFeatures, queryBias, queryScale } = config;
  let features = x;
  for (let index = 0; index < depth; index += 1) {
    const layout = layouts[index % 2]!;
    const block = { layout, heads, hiddenFeatures, queryBias, queryScale };
    features = swinBlock(scope.child(`residual_group.blocks.${index}`), features, block);
  }
  return features;
}

/** One convolution, or three that pass through a quarter of the channels. */
function residualConvolution(config: SwinirConfig, scope: ParameterScope, x: Value): Value {
  const filters = config.embedding;
  if (config.residualConvolutions === 1) return convolution(scope, x, { filters });
  const few = Math.floor(filters / 4);
  const first = leakyRelu(convolution(scope.child('0'), x, { filters: few }), 0.2);
  const second = convolution(scope.child('2'), first, { filters: few, kernel: 1 });
  return convolution(scope.child('4'), leakyRelu(second, 0.2), { filters });
}

/** [N, C, H, W] to [N, H W, C]. */
function toTokens(x: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  return transpose(reshape(x, [batch, channels, height * width]), [0, 2, 1]);
}

/** [N, H W, C] to [N, C, H, W]. */
function toPicture(x: Value, height: number, width: number): Value {
  const [batch, , channels] = x.shape as [number, number, number];
  return reshape(transpose(x, [0, 2, 1]), [batch, channels, height, width]);
}
