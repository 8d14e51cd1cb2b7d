import { type ParameterScope, type Value, add, concat, slice } from '../../graph/index.js';
import { convolution } from '../layers.js';
import { attention } from './attention.js';
import type { BlockConfig } from './configuration.js';
import { feedForward } from './feed-forward.js';
import { normalization } from './normalization.js';

/** `count` blocks one after the other; those of the decoder have an attention, too. */
export function blocks(
  config: BlockConfig,
  scope: ParameterScope,
  x: Value,
  { count, attends }: { readonly count: number; readonly attends: boolean },
): Value {
  let result = x;
  for (let index = 0; index < count; index += 1)
    result = block(config, scope.child(`${index}`), result, attends);
  return result;
}

/** Joins the features of the decoder with those of the encoder at the same size. */
export function fuse(scope: ParameterScope, decoded: Value, encoded: Value): Value {
  const features = decoded.shape[1]!;
  const layer = { filters: 2 * features, kernel: 1 };
  const joined = convolution(scope.child('conv'), concat([decoded, encoded], 1), layer);
  const changed = block(FUSION, scope.child('att_channel'), joined, false);
  const both = convolution(scope.child('conv2'), changed, layer);
  return add(slice(both, 1, 0, features), slice(both, 1, features, 2 * features));
}

/** The block of a fusion is the same in every configuration. */
const FUSION: BlockConfig = { expansion: 2.66, bias: false, centred: true };

function block(config: BlockConfig, scope: ParameterScope, x: Value, attends: boolean): Value {
  const norm = (name: string, value: Value): Value =>
    normalization(scope.child(name), value, config.centred);
  const attended = attends
    ? add(x, attention(scope.child('attn'), norm('norm1', x), config.bias))
    : x;
  return add(attended, feedForward(config, scope.child('ffn'), norm('norm2', attended)));
}
