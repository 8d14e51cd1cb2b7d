import { type ParameterScope, type Value, add, matmul, mul, reshape, scalar, slice, softmax, transpose } from '../../../graph/index.js';
import { defaultInitial, linear } from '../../layers.js';

/**
 * Attention of `heads` heads with the parameters of PyTorch's MultiheadAttention:
 * softmax(Q K^T / sqrt(channels / heads)) V per head, then a linear map.
 * @param queries tokens [N, L, channels].
 * @param memory tokens [N, M, channels] that keys and values come from.
 * @returns tokens [N, L, channels].
 */
export function multiHeadAttention(
  scope: ParameterScope,
  queries: Value,
  memory: Value,
  heads: number,
): Value {
  const [batch, length, channels] = queries.shape as [number, number, number];
  const depth = channels / heads;
  const { weight, bias } = declareAttention(scope, channels);
  const projected = (tokens: Value, part: number): Value => {
    const rows = (all: Value): Value => slice(all, 0, part * channels, (part + 1) * channels);
    const flat = reshape(tokens, [batch * tokens.shape[1]!, channels]);
    const all = add(matmul(flat, transpose(rows(weight), [1, 0])), rows(bias));
    return transpose(reshape(all, [batch, tokens.shape[1]!, heads, depth]), [0, 2, 1, 3]);
  };
  const query = mul(projected(queries, 0), scalar(1 / Math.sqrt(depth)));
  const scores = matmul(query, transpose(projected(memory, 1), [0, 1, 3, 2]));
  const mixed = transpose(matmul(softmax(scores), projected(memory, 2)), [0, 2, 1, 3]);
  const together = reshape(mixed, [batch * length, channels]);
  return reshape(linear(scope.child('out_proj'), together, channels), [batch, length, channels]);
}

/** Declares the parameters of a `multiHeadAttention`, those of its last map included. */
export function declareAttention(
  scope: ParameterScope,
  channels: number,
): { readonly weight: Value; readonly bias: Value } {
  const last = scope.child('out_proj');
  last.parameter('weight', [channels, channels], defaultInitial(channels));
  last.parameter('bias', [channels], defaultInitial(channels));
  return {
    weight: scope.parameter('in_proj_weight', [3 * channels, channels], defaultInitial(channels)),
    bias: scope.parameter('in_proj_bias', [3 * channels]),
  };
}
