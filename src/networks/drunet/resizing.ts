import { type ParameterScope, type Value, conv2d, expand, pixelShuffle, reduceMean, reshape, resizeNearest, transpose } from '../../graph/index.js';
import { convolution, defaultInitial } from '../layers.js';
import type { DrunetConfig } from './configuration.js';

/**
 * [N, C, H, W] to [N, filters, H / 2, W / 2]; H and W are even.
 * @param first place of the unit's first layer in `scope`, a sequence of layers.
 */
export function downSample(
  { downsample_mode, bias }: DrunetConfig,
  scope: ParameterScope,
  x: Value,
  { first, filters }: { readonly first: number; readonly filters: number },
): Value {
  if (downsample_mode === 'avgpool')
    return convolution(scope.child(`${first + 1}`), averagePool(x), { filters, bias });
  const layer = { filters, bias, kernel: 2, stride: 2, padding: 0 };
  return convolution(scope.child(`${first}`), x, layer);
}

/**
 * [N, C, H, W] to [N, filters, 2 H, 2 W], by the first layers in `scope`, a sequence of
 * `upSampleLayers` and more.
 */
export function upSample(
  { upsample_mode, bias }: DrunetConfig,
  scope: ParameterScope,
  x: Value,
  filters: number,
): Value {
  if (upsample_mode === 'convtranspose') return spread(scope.child('0'), x, filters, bias);
  if (upsample_mode === 'upconv')
    return convolution(scope.child('1'), resizeNearest(x, 2), { filters, bias });
  return pixelShuffle(convolution(scope.child('0'), x, { filters: 4 * filters, bias }), 2);
}

/** Layers that `upSample` takes in a sequence. */
export function upSampleLayers({ upsample_mode }: DrunetConfig): number {
  return upsample_mode === 'convtranspose' ? 1 : 2;
}

/**
 * Pixels that one pixel depends on through both units and a level between them that reaches
 * `below` of its own pixels.
 */
export function resizingRadius(
  { downsample_mode, upsample_mode }: DrunetConfig,
  below: number,
): number {
  const coarse =
    below + (downsample_mode === 'avgpool' ? 1 : 0) + (upsample_mode === 'pixelshuffle' ? 1 : 0);
  return 2 * coarse + 1 + (upsample_mode === 'upconv' ? 1 : 0);
}

/**
 * A 2x2 transposed convolution of stride 2 with parameters `weight` [C, filters, 2, 2] and `bias`.
 * No two kernels overlap, so that it is a 1x1 convolution to every one of the four places.
 */
function spread(scope: ParameterScope, x: Value, filters: number, bias: boolean): Value {
  const channels = x.shape[1]!;
  const initial = defaultInitial(4 * filters);
  const weight = scope.parameter('weight', [channels, filters, 2, 2], initial);
  const flat = transpose(reshape(weight, [channels, 4 * filters]), [1, 0]);
  const offset = bias
    ? reshape(
        expand(reshape(scope.parameter('bias', [filters], initial), [filters, 1]), [filters, 4]),
        [4 * filters],
      )
    : undefined;
  return pixelShuffle(conv2d(x, reshape(flat, [4 * filters, channels, 1, 1]), offset), 2);
}

function averagePool(x: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const squares = reshape(x, [batch, channels, height / 2, 2, width / 2, 2]);
  return reduceMean(squares, [3, 5], false);
}
