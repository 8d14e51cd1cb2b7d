import {
  add,
  concat,
  constant,
  expand,
  gelu,
  matmul,
  type ParameterScope,
  reshape,
  transpose,
  type Value,
} from '../../graph/index.js';
import { multiHeadAttention, type PackedProjection, toTokens } from '../attention.js';
import { defaultInitial, layerNormalization, linear } from '../layers.js';
import { cubic, interpolationWeights } from '../resampling.js';

/** Sizes of a transformer's layers. */
interface TransformerConfig {
  readonly num_heads: number;
  /** Layers of a stack. */
  readonly num_attn_layers: number;
}

/** Tokens [N, L, C] after attention to themselves and a perceptron, each normalised before. */
export function encoderLayer(scope: ParameterScope, tokens: Value, heads: number): Value {
  const normal = layerNormalization(scope.child('norm1'), tokens);
  const seen = attention(scope.child('self_attn'), normal, normal, heads);
  return withPerceptron(scope, add(tokens, seen), 'norm2');
}

/** `num_attn_layers` encoder layers. */
export function encoder(config: TransformerConfig, scope: ParameterScope, tokens: Value): Value {
  return stack(config, scope, tokens, (layer, value) =>
    encoderLayer(layer, value, config.num_heads),
  );
}

/** `num_attn_layers` decoder layers over the same memory [N, M, C]. */
export function decoder(
  config: TransformerConfig,
  scope: ParameterScope,
  tokens: Value,
  memory: Value,
): Value {
  return stack(config, scope, tokens, (layer, value) =>
    decoderLayer(layer, value, memory, config.num_heads),
  );
}

/**
 * Tokens after attention to a memory, not to themselves: the self-attention that a checkpoint has
 * is declared, but the reference does not use it.
 */
function decoderLayer(scope: ParameterScope, tokens: Value, memory: Value, heads: number): Value {
  declareAttention(scope.child('self_attn'), tokens.shape.at(-1)!);
  const known = layerNormalization(scope.child('norm2'), memory);
  const normal = layerNormalization(scope.child('norm1'), tokens);
  const seen = attention(scope.child('multihead_attn'), normal, known, heads);
  return withPerceptron(scope, add(tokens, seen), 'norm3');
}

/** Widest hidden layer of a perceptron. */
const WIDEST = 2048;

function withPerceptron(scope: ParameterScope, tokens: Value, norm: string): Value {
  const [batch, length, channels] = tokens.shape as [number, number, number];
  const normal = layerNormalization(scope.child(norm), tokens);
  const flat = reshape(normal, [batch * length, channels]);
  const hidden = gelu(linear(scope.child('linear1'), flat, Math.min(4 * channels, WIDEST)));
  const change = linear(scope.child('linear2'), hidden, channels);
  return add(tokens, reshape(change, [batch, length, channels]));
}

function stack(
  { num_attn_layers }: TransformerConfig,
  scope: ParameterScope,
  tokens: Value,
  layer: (scope: ParameterScope, tokens: Value) => Value,
): Value {
  let result = tokens;
  for (let index = 0; index < num_attn_layers; index += 1)
    result = layer(scope.child(`layers.${index}`), result);
  return result;
}

/**
 * Attention with the parameters of PyTorch's MultiheadAttention.
 * @param queries tokens [N, L, channels].
 * @param memory tokens [N, M, channels] that keys and values come from.
 * @returns tokens [N, L, channels].
 */
export function attention(
  scope: ParameterScope,
  queries: Value,
  memory: Value,
  heads: number,
): Value {
  const channels = queries.shape[2]!;
  const projection = declareAttention(scope, channels);
  const together = multiHeadAttention(queries, memory, projection, { heads });
  return reshape(linear(scope.child('out_proj'), together, channels), queries.shape);
}

/** Declares the parameters of `attention`, those of its output projection included. */
function declareAttention(scope: ParameterScope, channels: number): PackedProjection {
  const last = scope.child('out_proj');
  last.parameter('weight', [channels, channels], defaultInitial(channels));
  last.parameter('bias', [channels], defaultInitial(channels));
  return {
    weight: scope.parameter('in_proj_weight', [3 * channels, channels], defaultInitial(channels)),
    bias: scope.parameter('in_proj_bias', [3 * channels]),
  };
}

/** Rows and columns of the grid that positions are learned on. */
const GRID = 32;

/**
 * A learned position for every cell of a grid, [1, height width, channels]: half the channels
 * follow from the row, the others from the column, each interpolated from 32 positions.
 */
export function positions(
  scope: ParameterScope,
  channels: number,
  [height, width]: readonly [number, number],
): Value {
  const half = channels / 2;
  const initial = { kind: 'normal', deviation: 0.02 } as const;
  const rows = scope.parameter('h_emb', [1, half, GRID, 1], initial);
  const columns = scope.parameter('w_emb', [1, half, 1, GRID], initial);
  const weights = (to: number): Value =>
    constant(interpolationWeights(GRID, to, cubic, { reach: 2, antialias: false }));
  const byRow = matmul(weights(height), rows);
  const byColumn = matmul(columns, transpose(weights(width), [1, 0]));
  const shape = [1, half, height, width];
  return toTokens(concat([expand(byRow, shape), expand(byColumn, shape)], 1));
}
