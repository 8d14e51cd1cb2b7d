import { ParameterError } from '../../tensor/errors.js';
import { requirePositiveIntegers, requireRank } from '../shapes.js';
import type { Value } from '../value.js';
import { reshape } from './reshape.js';
import { transpose } from './transpose.js';

/** [N, C r^2, H, W] to [N, C, H r, W r], in PyTorch's channel order. */
export function pixelShuffle(x: Value, factor: number): Value {
  requireRank('pixelShuffle', x, 4);
  requirePositiveIntegers('pixelShuffle factor', [factor]);
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const depth = channels / factor ** 2;
  if (!Number.isInteger(depth))
    throw new ParameterError('pixelShuffle', `a multiple of ${factor ** 2} channels`, channels);
  const apart = reshape(x, [batch, depth, factor, factor, height, width]);
  const woven = transpose(apart, [0, 1, 4, 2, 5, 3]);
  return reshape(woven, [batch, depth, height * factor, width * factor]);
}

/** [N, C, H r, W r] to [N, C r^2, H, W]: the inverse of `pixelShuffle`. */
export function pixelUnshuffle(x: Value, factor: number): Value {
  requireRank('pixelUnshuffle', x, 4);
  requirePositiveIntegers('pixelUnshuffle factor', [factor]);
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  if (height % factor !== 0 || width % factor !== 0)
    throw new ParameterError('pixelUnshuffle', `a size divisible by ${factor}`, [height, width]);
  const [h, w] = [height / factor, width / factor];
  const apart = reshape(x, [batch, channels, h, factor, w, factor]);
  const woven = transpose(apart, [0, 1, 3, 5, 2, 4]);
  return reshape(woven, [batch, channels * factor ** 2, h, w]);
}
