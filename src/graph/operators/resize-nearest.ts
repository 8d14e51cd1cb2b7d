import { requirePositiveIntegers, requireRank } from '../shapes.js';
import type { Value } from '../value.js';
import { expand } from './expand.js';
import { reshape } from './reshape.js';

/** [N, C, H, W] with every pixel repeated `factor` times along both axes. */
export function resizeNearest(x: Value, factor: number): Value {
  requireRank('resizeNearest', x, 4);
  requirePositiveIntegers('resizeNearest factor', [factor]);
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const apart = reshape(x, [batch * channels, height, 1, width, 1]);
  const repeated = expand(apart, [batch * channels, height, factor, width, factor]);
  return reshape(repeated, [batch, channels, height * factor, width * factor]);
}
