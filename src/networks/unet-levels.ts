import {
  add,
  mul,
  pixelShuffle,
  pixelUnshuffle,
  reduceMean,
  relu,
  scalar,
  tanh,
} from '../graph/index.js';
import type { ParameterScope } from '../graph/leaves.js';
import type { Value } from '../graph/value.js';
import { convolution } from './layers.js';

/** Size and form of a U-Net of residual blocks. */
interface UnetLevels {
  /** Channels per level, the finest first. */
  readonly widths: readonly number[];
  /** Residual blocks on each side of a level. */
  readonly blocks: number;
  /** Residual blocks of the coarsest level; `blocks` unless given. */
  readonly middle?: number | undefined;
  /** Whether every block weighs its hidden channels by their means over the whole image. */
  readonly attention: boolean;
}

/**
 * A U-Net of residual blocks on features [N, widths[0], H, W]; each level has half the size of the
 * one above it, so that H and W are multiples of 2^(levels - 1).
 */
export function unetLevels(config: UnetLevels, scope: ParameterScope, x: Value): Value {
  return level(config, scope, x, 0);
}

function level(config: UnetLevels, scope: ParameterScope, x: Value, index: number): Value {
  const { widths, blocks, middle = blocks, attention } = config;
  const levelScope = scope.child(`levels.${index}`);
  const below = widths[index + 1];
  const encoder = levelScope.child('encoder');
  if (below === undefined) return residualBlocks(encoder, x, middle, attention);
  const fine = residualBlocks(encoder, x, blocks, attention);
  const down = convolution(levelScope.child('down'), pixelUnshuffle(fine, 2), {
    filters: below,
    kernel: 1,
  });
  const deep = level(config, scope, down, index + 1);
  const up = convolution(levelScope.child('up'), deep, { filters: 4 * widths[index]!, kernel: 1 });
  const joined = add(fine, pixelShuffle(up, 2));
  return residualBlocks(levelScope.child('decoder'), joined, blocks, attention);
}

function residualBlocks(scope: ParameterScope, x: Value, count: number, attention: boolean): Value {
  let features = x;
  for (let block = 0; block < count; block += 1)
    features = residualBlock(scope.child(`${block}`), features, attention);
  return features;
}

function residualBlock(scope: ParameterScope, x: Value, attention: boolean): Value {
  const filters = x.shape[1]!;
  const hidden = relu(convolution(scope.child('conv1'), x, { filters, kernel: 3 }));
  const weighed = attention ? mul(hidden, attentionOf(scope, hidden)) : hidden;
  const change = convolution(scope.child('conv2'), weighed, {
    filters,
    kernel: 3,
    ...(attention ? { initial: { kind: 'zeros' } } : {}),
  });
  return add(x, change);
}

/** A weight in (0, 2) for every channel, of the means of all: products without a bound diverge. */
function attentionOf(scope: ParameterScope, hidden: Value): Value {
  const means = reduceMean(hidden, [2, 3]);
  const filters = hidden.shape[1]!;
  const found = convolution(scope.child('attention'), means, { filters, kernel: 1 });
  return add(tanh(found), scalar(1));
}
