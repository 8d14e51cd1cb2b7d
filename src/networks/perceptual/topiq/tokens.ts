import { type Value, reshape, transpose } from '../../../graph/index.js';

/** Features [N, C, H, W] as tokens [N, H W, C], row by row. */
export function tokensOf(x: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  return transpose(reshape(x, [batch, channels, height * width]), [0, 2, 1]);
}
