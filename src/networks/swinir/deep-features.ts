import { type ParameterScope, type Value, add, leakyRelu } from '../../graph/index.js';
import { ParameterError } from '../../tensor/errors.js';
import { convolution, layerNormalization } from '../layers.js';
import { type WindowLayout, swinBlock, windowLayout } from './block.js';
import type { SwinirConfig } from './configuration.js';
import { toPicture, toTokens } from './tokens.js';

/** What the residual groups are made of. */
export type DeepFeatures = Pick<
  SwinirConfig,
  | 'depths'
  | 'embedding'
  | 'embeddingNorm'
  | 'heads'
  | 'hiddenFeatures'
  | 'positions'
  | 'queryBias'
  | 'queryScale'
  | 'residualConvolutions'
  | 'shift'
  | 'window'
>;

/** The residual groups of Swin blocks, [N, embedding, H, W] to the same shape. */
export function deepFeatures(config: DeepFeatures, scope: ParameterScope, shallow: Value): Value {
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
  config: DeepFeatures,
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
export function residualConvolution(config: DeepFeatures, scope: ParameterScope, x: Value): Value {
  const filters = config.embedding;
  if (config.residualConvolutions === 1) return convolution(scope, x, { filters });
  const few = Math.floor(filters / 4);
  const first = leakyRelu(convolution(scope.child('0'), x, { filters: few }), 0.2);
  const second = convolution(scope.child('2'), first, { filters: few, kernel: 1 });
  return convolution(scope.child('4'), leakyRelu(second, 0.2), { filters });
}
