import { type ParameterScope, type Value, add, concat, constant, gather, gelu, reshape } from '../../graph/index.js';
import { layerNormalization, linear } from '../layers.js';
import { windowAttention } from './attention.js';
import { type WindowGrid, inverse, shiftMask, windowCorners, windowOrder } from './windows.js';

/** One arrangement of windows, shared by all blocks that use it. */
export interface WindowLayout {
  readonly window: number;
  /** Windows that are treated alike: raster places of their tokens, and their attention mask. */
  readonly parts: readonly { readonly order: readonly number[]; readonly mask?: Value }[];
  /** Place of every raster token in the parts one after another. */
  readonly back: readonly number[];
}

/** The layout of a grid. Only windows torn by a shift have a mask, which is large. */
export function windowLayout(grid: WindowGrid): WindowLayout {
  const { whole, torn } = windowCorners(grid);
  const order = windowOrder(grid, whole);
  const tornOrder = windowOrder(grid, torn);
  const parts: { order: number[]; mask?: Value }[] = [];
  if (whole.length > 0) parts.push({ order });
  if (torn.length > 0) parts.push({ order: tornOrder, mask: constant(shiftMask(grid, torn)) });
  return { window: grid.window, parts, back: inverse([...order, ...tornOrder]) };
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
  const attended = layout.parts.map(({ order, mask }) => {
    const count = (batch * order.length) / tokens;
    const windows = reshape(gather(normal, 1, order), [count, tokens, channels]);
    const options = { ...block, window: layout.window, mask };
    const mixed = windowAttention(scope.child('attn'), windows, options);
    return reshape(mixed, [batch, order.length, channels]);
  });
  const raster = gather(concat(attended, 1), 1, layout.back);
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
