import {
  add,
  matmul,
  mul,
  reshape,
  scalar,
  slice,
  softmax,
  transpose,
  type Value,
} from '../graph/index.js';

/** [N, C, H, W] to tokens [N, H W, C], row by row. */
export function toTokens(x: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  return transpose(reshape(x, [batch, channels, height * width]), [0, 2, 1]);
}

/** Tokens [N, H W, C] to [N, C, H, W]. */
export function toImage(x: Value, height: number, width: number): Value {
  const [batch, , channels] = x.shape as [number, number, number];
  return reshape(transpose(x, [0, 2, 1]), [batch, channels, height, width]);
}

/** Weight [3 C, C] and bias [3 C] that project tokens to queries, keys and values. */
export interface PackedProjection {
  readonly weight: Value;
  readonly bias?: Value | undefined;
}

/** What distinguishes one multi-head attention from another. */
interface AttentionOptions {
  readonly heads: number;
  /** Factor of the queries; default: 1 / sqrt(C / heads). */
  readonly scale?: number | undefined;
  /** Changes the query-key products [N, heads, L, M], such as by a bias of the position. */
  adjust?(scores: Value): Value;
}

/**
 * Multi-head scaled dot-product attention (Vaswani et al., "Attention Is All You Need", NeurIPS
 * 2017) without the projection of its output.
 *
 * The projections are one parameter in the reference; three products with parts of it avoid the
 * splitting of a large result.
 * @param queries tokens [N, L, C].
 * @param memory tokens [N, M, C] that keys and values are projected from.
 * @returns the mixed values, [N L, C].
 */
export function multiHeadAttention(
  queries: Value,
  memory: Value,
  { weight, bias }: PackedProjection,
  { heads, scale, adjust = (scores) => scores }: AttentionOptions,
): Value {
  const [batch, length, channels] = queries.shape as [number, number, number];
  const depth = channels / heads;
  const flatten = (tokens: Value): Value => reshape(tokens, [batch * tokens.shape[1]!, channels]);
  const flatQueries = flatten(queries);
  const flatMemory = memory === queries ? flatQueries : flatten(memory);
  const projected = (flat: Value, part: number): Value => {
    const count = flat.shape[0]! / batch;
    const rows = (all: Value): Value => slice(all, 0, part * channels, (part + 1) * channels);
    const product = matmul(flat, transpose(rows(weight), [1, 0]));
    const shifted = bias === undefined ? product : add(product, rows(bias));
    return transpose(reshape(shifted, [batch, count, heads, depth]), [0, 2, 1, 3]);
  };
  const query = mul(projected(flatQueries, 0), scalar(scale ?? 1 / Math.sqrt(depth)));
  const scores = adjust(matmul(query, transpose(projected(flatMemory, 1), [0, 1, 3, 2])));
  const mixed = matmul(softmax(scores), projected(flatMemory, 2));
  return reshape(transpose(mixed, [0, 2, 1, 3]), [batch * length, channels]);
}
