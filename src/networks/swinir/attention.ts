import {
  add,
  gather,
  matmul,
  mul,
  type ParameterScope,
  reshape,
  scalar,
  slice,
  softmax,
  transpose,
  type Value,
} from '../../graph/index.js';
import { linear } from '../layers.js';
import { relativePositions } from './windows.js';

/** Multi-head self-attention inside windows. */
export interface WindowAttention {
  readonly window: number;
  readonly heads: number;
  readonly queryBias: boolean;
  readonly queryScale: number | undefined;
  /** Added to the query-key products, [windows of a picture, 1, tokens, tokens]. */
  readonly mask: Value | undefined;
}

const truncated = { kind: 'normal', deviation: 0.02 } as const;

/**
 * Attention between the tokens of each window with a learned bias per relative position.
 * @param x tokens [pictures windows, window^2, channels] in window order.
 */
export function windowAttention(scope: ParameterScope, x: Value, options: WindowAttention): Value {
  const { window, heads, mask } = options;
  const [windows, tokens, channels] = x.shape as [number, number, number];
  const depth = channels / heads;
  const flat = reshape(x, [windows * tokens, channels]);
  const projected = linear(scope.child('qkv'), flat, 3 * channels, {
    bias: options.queryBias,
    initial: truncated,
  });
  const apart = transpose(reshape(projected, [windows, tokens, 3, heads, depth]), [2, 0, 3, 1, 4]);
  const [query, key, value] = [0, 1, 2].map((part) =>
    reshape(slice(apart, 0, part, part + 1), [windows, heads, tokens, depth]),
  ) as [Value, Value, Value];
  const scale = scalar(options.queryScale ?? 1 / Math.sqrt(depth));
  let scores = matmul(mul(query, scale), transpose(key, [0, 1, 3, 2]));
  scores = add(scores, positionBias(scope, window, heads));
  if (mask !== undefined) {
    const grid = mask.shape[0]!;
    const split = reshape(scores, [windows / grid, grid, heads, tokens, tokens]);
    scores = reshape(add(split, mask), [windows, heads, tokens, tokens]);
  }
  const mixed = transpose(matmul(softmax(scores), value), [0, 2, 1, 3]);
  const together = reshape(mixed, [windows * tokens, channels]);
  return linear(scope.child('proj'), together, channels, { initial: truncated });
}

/** The learned bias by relative position, [heads, window^2, window^2]. */
function positionBias(scope: ParameterScope, window: number, heads: number): Value {
  const rows = (2 * window - 1) ** 2;
  const table = scope.parameter('relative_position_bias_table', [rows, heads], truncated);
  const pairs = gather(transpose(table, [1, 0]), 1, relativePositions(window));
  return reshape(pairs, [heads, window ** 2, window ** 2]);
}
