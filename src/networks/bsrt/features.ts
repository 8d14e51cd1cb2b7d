import { type ParameterScope, type Value, add, pixelShuffle } from '../../graph/index.js';
import { convolution, layerNormalization } from '../layers.js';
import { type WindowLayout, swinBlock, windowLayout } from '../swinir/block.js';
import { toPicture, toTokens } from '../swinir/tokens.js';
import { FEATURES, type Pyramid, doubled, rectified } from './alignment.js';
import type { BsrtConfig } from './configuration.js';

/** Straight and shifted windows over frames of a size. */
export function frameWindows(
  { window }: BsrtConfig,
  height: number,
  width: number,
): WindowLayout[] {
  return [0, window / 2].map((shift) => windowLayout({ height, width, window, shift }));
}

/**
 * Frames [N, 4, H, W] as features of twice the size and its half and quarter, each [N, 64, .., ..].
 * @param layouts those of `frameWindows`.
 */
export function framePyramid(
  config: BsrtConfig,
  scope: ParameterScope,
  frames: Value,
  layouts: readonly WindowLayout[],
): Pyramid {
  const layer = (name: string, x: Value, filters: number, kernel = 3, stride = 1): Value =>
    convolution(scope.child(name), x, { filters, kernel, stride });
  const shallow = rectified(layer('conv_first', frames, config.embedding));
  const deep = attended(config, scope, shallow, layouts);
  const full = pixelShuffle(layer('conv_after_pre_layer', deep, 4 * FEATURES), 2);
  const half = rectified(layer('fea_L2_conv1', full, 2 * FEATURES, 3, 2));
  const quarter = rectified(layer('fea_L3_conv1', half, 4 * FEATURES, 3, 2));

  const top = rectified(layer('toplayer', quarter, FEATURES, 1));
  const middle = add(doubled(top), layer('latlayer1', half, FEATURES, 1));
  const smooth = layer('smooth1', middle, FEATURES);
  const bottom = add(doubled(smooth), layer('latlayer2', full, FEATURES, 1));
  return [layer('smooth2', bottom, FEATURES), smooth, top];
}

/** Swin blocks over each frame alone. */
function attended(
  config: BsrtConfig,
  scope: ParameterScope,
  x: Value,
  layouts: readonly WindowLayout[],
): Value {
  const { frameBlocks, frameHeads, hiddenFeatures } = config;
  const [height, width] = x.shape.slice(2) as [number, number];
  let tokens = layerNormalization(scope.child('patch_embed.norm'), toTokens(x));
  for (let index = 0; index < frameBlocks; index += 1)
    tokens = swinBlock(scope.child(`pre_layers.${index}`), tokens, {
      layout: layouts[index % 2]!,
      heads: frameHeads,
      hiddenFeatures,
      queryBias: true,
      queryScale: undefined,
    });
  return toPicture(layerNormalization(scope.child('pre_norm'), tokens), height, width);
}
