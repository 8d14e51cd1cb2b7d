import { type ParameterScope, type Value, add, gather, matmul, mul, reshape, scalar, slice, softmax, transpose } from '../../graph/index.js';
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
  const [query, key, value] = projections(scope.child('qkv'), flat, options.queryBias).map((part) =>
    transpose(reshape(part, [windows, tokens, heads, depth]), [0, 2, 1, 3]),
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

/**
 * Queries, keys and values of tokens [n, channels]. Their weights are one parameter; three products
 * with parts of it spare the splitting of a large result.
 */
function projections(scope: ParameterScope, x: Value, biased: boolean): Value[] {
  const channels = x.shape[1]!;
  const weight = scope.parameter('weight', [3 * channels, channels], truncated);
  const bias = biased ? scope.parameter('bias', [3 * channels]) : undefined;
  return [0, 1, 2].map((part) => {
    const rows = (all: Value): Value => slice(all, 0, part * channels, (part + 1) * channels);
    const product = matmul(x, transpose(rows(weight), [1, 0]));
    return bias === undefined ? product : add(product, rows(bias));
  });
}

/** The learned bias by relative position, [heads, window^2, window^2]. */
function positionBias(scope: ParameterScope, window: number, heads: number): Value {
  const rows = (2 * window - 1) ** 2;
  const table = scope.parameter('relative_position_bias_table', [rows, heads], truncated);
  const pairs = gather(transpose(table, [1, 0]), 1, relativePositions(window));
  return reshape(pairs, [heads, window ** 2, window ** 2]);
}
