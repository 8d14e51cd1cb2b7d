import { type ParameterScope, type Value, add, concat, mul, reduceMean, reshape, slice, softmax, transpose } from '../../graph/index.js';
import { convolution, learnedRectifier } from '../layers.js';

const REDUCTION = 8;
const FEWEST = 4;

/**
 * Selective kernel feature fusion: a sum of equally shaped features [N, C, H, W] with one weight
 * per channel and branch; the weights of a channel add up to 1.
 */
export function selectiveFusion(scope: ParameterScope, branches: readonly Value[]): Value {
  const [batch, channels] = branches[0]!.shape as [number, number];
  const means = branches.map((branch) => reduceMean(branch, [2, 3]));
  const squeezed = convolution(scope.child('conv_du.0'), sum(means), {
    filters: Math.max(Math.floor(channels / REDUCTION), FEWEST),
    kernel: 1,
    bias: false,
  });
  const hidden = learnedRectifier(scope.child('conv_du.1'), squeezed);
  const layer = { filters: channels, kernel: 1, bias: false };
  const logits = branches.map((_, branch) =>
    reshape(convolution(scope.child(`fcs.${branch}`), hidden, layer), [batch, 1, channels]),
  );
  const weights = softmax(transpose(concat(logits, 1), [0, 2, 1]));
  const weighed = branches.map((branch, index) =>
    mul(branch, reshape(slice(weights, 2, index, index + 1), [batch, channels, 1, 1])),
  );
  return sum(weighed);
}

function sum(values: readonly Value[]): Value {
  return values.reduce((total, value) => add(total, value));
}
