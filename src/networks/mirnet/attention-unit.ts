import { type ParameterScope, type Value, add, concat, mul, prelu, reduceMax, reduceMean, relu, sigmoid } from '../../graph/index.js';
import { convolution } from '../layers.js';

const REDUCTION = 8;

/**
 * The dual attention unit: two convolutions, then their result weighed by pixel and by channel,
 * both joined and added to the input [N, C, H, W].
 * @param slope of the rectifier, [1].
 */
export function attentionUnit(scope: ParameterScope, x: Value, slope: Value): Value {
  const filters = x.shape[1]!;
  const plain = { filters, bias: false };
  const hidden = prelu(convolution(scope.child('body.0'), x, plain), slope);
  const result = convolution(scope.child('body.2'), hidden, plain);
  const both = concat([byPixel(scope, result), byChannel(scope, result)], 1);
  return add(convolution(scope.child('conv1x1'), both, { ...plain, kernel: 1 }), x);
}

function byPixel(scope: ParameterScope, x: Value): Value {
  const summary = concat([reduceMax(x, [1]), reduceMean(x, [1])], 1);
  const layer = { filters: 1, kernel: 5, bias: false };
  return mul(x, sigmoid(convolution(scope.child('SA.spatial.conv'), summary, layer)));
}

function byChannel(scope: ParameterScope, x: Value): Value {
  const filters = x.shape[1]!;
  const layer = { kernel: 1, bias: false };
  const unit = scope.child('CA.conv_du');
  const few = Math.floor(filters / REDUCTION);
  const squeezed = convolution(unit.child('0'), reduceMean(x, [2, 3]), { ...layer, filters: few });
  return mul(x, sigmoid(convolution(unit.child('2'), relu(squeezed), { ...layer, filters })));
}
