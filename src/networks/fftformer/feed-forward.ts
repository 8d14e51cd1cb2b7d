import { type ParameterScope, type Value, gelu, mul, slice } from '../../graph/index.js';
import { convolution } from '../layers.js';
import type { BlockConfig } from './configuration.js';
import { FREQUENCIES, filterSpectra, fromPatchSpectra, patchSpectra } from './patch-spectrum.js';

/**
 * The discriminative frequency domain feed-forward network (DFFN): a gated network whose hidden
 * features pass a learned filter, one factor per channel and frequency of a patch. [N, C, H, W]
 * to the same shape; sides are multiples of 8.
 */
export function feedForward(config: BlockConfig, scope: ParameterScope, x: Value): Value {
  const [, features, height, width] = x.shape as [number, number, number, number];
  const { bias, expansion } = config;
  const hidden = Math.floor(features * expansion);
  const wide = convolution(scope.child('project_in'), x, { filters: 2 * hidden, kernel: 1, bias });
  const factors = scope.parameter('fft', [2 * hidden, 1, 1, ...FREQUENCIES], { kind: 'ones' });
  const filtered = filterSpectra(patchSpectra(wide), factors);
  const mixed = convolution(scope.child('dwconv'), fromPatchSpectra(filtered, height, width), {
    filters: 2 * hidden,
    groups: 2 * hidden,
    bias,
  });
  const gate = gelu(slice(mixed, 1, 0, hidden));
  const gated = mul(gate, slice(mixed, 1, hidden, 2 * hidden));
  return convolution(scope.child('project_out'), gated, { filters: features, kernel: 1, bias });
}
