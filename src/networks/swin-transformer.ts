import {
  add,
  concat,
  constant,
  gather,
  gelu,
  leakyRelu,
  type ParameterScope,
  reshape,
  transpose,
  type Value,
} from '../graph/index.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { multiHeadAttention, toImage, toTokens } from './attention.js';
import { convolution, layerNormalization, linear } from './layers.js';
import { countLayers, type StateShapes } from './network.js';
import type { SwinirConfig } from './swinir.js';

/** Settings of the residual groups. */
type DeepFeatures = Pick<
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
    const image = toImage(group, height, width);
    x = add(toTokens(residualConvolution(config, layer.child('conv'), image)), x);
  });
  return toImage(layerNormalization(scope.child('norm'), x), height, width);
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
  const reduced = Math.floor(filters / 4);
  const first = leakyRelu(convolution(scope.child('0'), x, { filters: reduced }), 0.2);
  const second = convolution(scope.child('2'), first, { filters: reduced, kernel: 1 });
  return convolution(scope.child('4'), leakyRelu(second, 0.2), { filters });
}

/** An arrangement of windows that several blocks share. */
export interface WindowLayout {
  readonly window: number;
  /** Windows with the same mask: raster positions of their tokens, and the attention mask. */
  readonly parts: readonly { readonly order: readonly number[]; readonly mask?: Value }[];
  /** Position of every raster token in the concatenated parts. */
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

/** Settings of a Swin transformer block. */
interface SwinBlock {
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

/** Multi-head self-attention inside windows. */
interface WindowAttention {
  readonly window: number;
  readonly heads: number;
  readonly queryBias: boolean;
  readonly queryScale: number | undefined;
  /** Added to the query-key products, [windows of an image, 1, tokens, tokens]. */
  readonly mask: Value | undefined;
}

/**
 * Attention between the tokens of each window with a learned bias per relative position.
 * @param x tokens [images windows, window^2, channels] in window order.
 */
function windowAttention(scope: ParameterScope, x: Value, options: WindowAttention): Value {
  const { window, heads, mask } = options;
  const [windows, tokens, channels] = x.shape as [number, number, number];
  const qkv = scope.child('qkv');
  const projection = {
    weight: qkv.parameter('weight', [3 * channels, channels], truncated),
    bias: options.queryBias ? qkv.parameter('bias', [3 * channels]) : undefined,
  };
  const together = multiHeadAttention(x, x, projection, {
    heads,
    scale: options.queryScale,
    adjust: (scores) => {
      const biased = add(scores, positionBias(scope, window, heads));
      if (mask === undefined) return biased;
      const grid = mask.shape[0]!;
      const split = reshape(biased, [windows / grid, grid, heads, tokens, tokens]);
      return reshape(add(split, mask), [windows, heads, tokens, tokens]);
    },
  });
  return linear(scope.child('proj'), together, channels, { initial: truncated });
}

/** The learned bias by relative position, [heads, window^2, window^2]. */
function positionBias(scope: ParameterScope, window: number, heads: number): Value {
  const rows = (2 * window - 1) ** 2;
  const table = scope.parameter('relative_position_bias_table', [rows, heads], truncated);
  const pairs = gather(transpose(table, [1, 0]), 1, relativePositions(window));
  return reshape(pairs, [heads, window ** 2, window ** 2]);
}

/** A grid of windows over an image whose sides are multiples of `window`. */
export interface WindowGrid {
  readonly height: number;
  readonly width: number;
  readonly window: number;
  /** The image is moved up and left by this, cyclically, before it is cut. */
  readonly shift: number;
}

/** Top and left of a window on the moved image. */
type Corner = readonly [top: number, left: number];

/**
 * The windows of a grid: `whole` ones see neighbours only, `torn` ones also see pixels that the
 * shift brought over from the opposite border.
 */
export function windowCorners(grid: WindowGrid): { whole: Corner[]; torn: Corner[] } {
  const { height, width, window, shift } = grid;
  const whole: Corner[] = [];
  const torn: Corner[] = [];
  for (let top = 0; top < height; top += window)
    for (let left = 0; left < width; left += window) {
      const last = top + window === height || left + window === width;
      (shift > 0 && last ? torn : whole).push([top, left]);
    }
  return { whole, torn };
}

/** For every token of the windows, row by row inside each, its position in raster order. */
export function windowOrder(grid: WindowGrid, corners: readonly Corner[]): number[] {
  const { height, width, window, shift } = grid;
  const order: number[] = [];
  for (const [top, left] of corners)
    for (let row = top; row < top + window; row += 1)
      for (let column = left; column < left + window; column += 1)
        order.push(((row + shift) % height) * width + ((column + shift) % width));
  return order;
}

/** The permutation that undoes `order`. */
export function inverse(order: readonly number[]): number[] {
  const undone = new Array<number>(order.length);
  order.forEach((from, to) => {
    undone[from] = to;
  });
  return undone;
}

/** Key of a block of a residual group in a state dictionary. */
export function blockKey(layer: number, block: number): string {
  return `layers.${layer}.residual_group.blocks.${block}`;
}

/** Blocks of every residual group in a state dictionary. */
export function readDepths(state: StateShapes): number[] {
  const norm = (layer: number, block: number): string => `${blockKey(layer, block)}.norm1.weight`;
  const layers = countLayers(state, (layer) => norm(layer, 0));
  return Array.from({ length: layers }, (_, layer) =>
    countLayers(state, (block) => norm(layer, block)),
  );
}

/** Entries of the tables of relative positions of all blocks, which are part of the graph. */
const MAX_POSITIONS = 2 ** 23;

/** Whether the tables of relative positions of blocks with windows of a side have modest size. */
export function positionsFit(blocks: number, window: number): boolean {
  return blocks * window ** 4 <= MAX_POSITIONS;
}

/**
 * Row of the bias table, of (2 window - 1)^2 rows, for every pair of tokens of a window: one row
 * per offset in height and width.
 */
export function relativePositions(window: number): number[] {
  const span = 2 * window - 1;
  const tokens = Array.from({ length: window ** 2 }, (_, token) => token);
  return tokens.flatMap((query) =>
    tokens.map((key) => {
      const rows = Math.floor(query / window) - Math.floor(key / window);
      const columns = (query % window) - (key % window);
      return (rows + window - 1) * span + columns + window - 1;
    }),
  );
}

/**
 * The reference has -100, which leaves other tokens e^-100 of the attention: nothing in float32, but
 * a subnormal number, on which processors are ten times slower than on zero.
 */
const APART = -1000;

/**
 * What is added to the attention between two tokens, [windows, 1, window^2, window^2]: 0, or a
 * large negative number where the shift brought together pixels from opposite borders.
 */
export function shiftMask(grid: WindowGrid, corners: readonly Corner[]): Tensor {
  const { height, width, window, shift } = grid;
  const tokens = window ** 2;
  const mask = new Float32Array(corners.length * tokens ** 2);
  const wrapped = (place: number, extent: number): number => (place < extent - shift ? 0 : 1);
  let position = 0;
  for (const [top, left] of corners) {
    const regions = Array.from({ length: tokens }, (_, token) => {
      const row = wrapped(top + Math.floor(token / window), height);
      return 2 * row + wrapped(left + (token % window), width);
    });
    for (const query of regions)
      for (const key of regions) {
        mask[position] = query === key ? 0 : APART;
        position += 1;
      }
  }
  return tensor([corners.length, 1, tokens, tokens], mask);
}
