import { add, gather, gelu, type ParameterScope, reshape, type Value } from '../../graph/index.js';
import { layerNormalization, linear } from '../layers.js';
import { windowAttention } from './attention.js';
import { inverse, windowOrder } from './windows.js';

/** One arrangement of windows, shared by all blocks that use it. */
export interface WindowLayout {
  readonly window: number;
  /** Raster place of every token in window order, and back. */
  readonly order: readonly number[];
  readonly back: readonly number[];
  readonly mask: Value | undefined;
}

/** The layout of a grid; `mask` is there for a shifted one. */
export function windowLayout(
  grid: Parameters<typeof windowOrder>[0],
  mask: Value | undefined,
): WindowLayout {
  const order = windowOrder(grid);
  return { window: grid.window, order, back: inverse(order), mask };
}

/** What a block of the Swin transformer is made of. */
export interface SwinBlock {
  readonly layout: WindowLayout;
  readonly heads: number;
  readonly hiddenFeatures: number;
  readonly queryBias: boolean;
  readonly queryScale: number | undefined;
}

const truncated = { kind: 'normal', deviation: 0.02 } as const;

/** Window attention and two linear layers, each after a norm and added to its input [N, L, C]. */
export function swinBlock(scope: ParameterScope, x: Value, block: SwinBlock): Value {
  const { layout, hiddenFeatures } = block;
  const [batch, length, channels] = x.shape as [number, number, number];
  const tokens = layout.window ** 2;
  const normal = layerNormalization(scope.child('norm1'), x);
  const windows = reshape(gather(normal, 1, layout.order), [
    (batch * length) / tokens,
    tokens,
    channels,
  ]);
  const { window, mask } = layout;
  const attended = windowAttention(scope.child('attn'), windows, { ...block, window, mask });
  const raster = gather(reshape(attended, [batch, length, channels]), 1, layout.back);
  const between = add(x, raster);
  const hidden = reshape(layerNormalization(scope.child('norm2'), between), [
    batch * length,
    channels,
  ]);
  const mlp = scope.child('mlp');
  const start = { initial: truncated };
  const wide = gelu(linear(mlp.child('fc1'), hidden, hiddenFeatures, start));
  const narrow = linear(mlp.child('fc2'), wide, channels, start);
  return add(between, reshape(narrow, [batch, length, channels]));
}
