import { type ParameterScope, type Value, mul, slice } from '../../graph/index.js';
import { convolution } from '../layers.js';
import { normalization } from './normalization.js';
import { fromPatchSpectra, multiplySpectra, patchSpectra } from './patch-spectrum.js';

/**
 * The frequency domain-based self-attention solver (FSAS): values weighed by the normalised cyclic
 * convolution of queries and keys inside each patch. [N, C, H, W] to the same shape; sides are
 * multiples of 8.
 */
export function attention(scope: ParameterScope, x: Value, bias: boolean): Value {
  const [, features, height, width] = x.shape as [number, number, number, number];
  const wide = 6 * features;
  const projected = convolution(scope.child('to_hidden'), x, { filters: wide, kernel: 1, bias });
  const layer = { filters: wide, groups: wide, bias };
  const hidden = convolution(scope.child('to_hidden_dw'), projected, layer);
  const third = (place: number): Value =>
    slice(hidden, 1, 2 * features * place, 2 * features * (place + 1));
  const product = multiplySpectra(patchSpectra(third(0)), patchSpectra(third(1)));
  const similarity = fromPatchSpectra(product, height, width);
  const weighed = mul(third(2), normalization(scope.child('norm'), similarity, true));
  return convolution(scope.child('project_out'), weighed, { filters: features, kernel: 1, bias });
}
