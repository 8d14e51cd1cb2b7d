import { type Value, reshape, transpose } from '../../graph/index.js';

/** [N, C, H, W] to [N, H W, C]. */
export function toTokens(x: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  return transpose(reshape(x, [batch, channels, height * width]), [0, 2, 1]);
}

/** [N, H W, C] to [N, C, H, W]. */
export function toPicture(x: Value, height: number, width: number): Value {
  const [batch, , channels] = x.shape as [number, number, number];
  return reshape(transpose(x, [0, 2, 1]), [batch, channels, height, width]);
}
