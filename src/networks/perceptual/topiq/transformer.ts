import { type ParameterScope, type Value, add, gelu, reshape } from '../../../graph/index.js';
import { layerNormalization, linear } from '../../layers.js';
import { declareAttention, multiHeadAttention } from './attention.js';

/** Sizes of a transformer's layers. */
export interface TransformerConfig {
  readonly num_heads: number;
  /** Layers of a stack. */
  readonly num_attn_layers: number;
}

/** Tokens [N, L, C] after attention to themselves and a perceptron, each normalised before. */
export function encoderLayer(scope: ParameterScope, tokens: Value, heads: number): Value {
  const normal = layerNormalization(scope.child('norm1'), tokens);
  const seen = multiHeadAttention(scope.child('self_attn'), normal, normal, heads);
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
  const seen = multiHeadAttention(scope.child('multihead_attn'), normal, known, heads);
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
