import type { Tensor } from '../../tensor/tensor.js';

/**
 * BT.601 luma as MATLAB's `rgb2ycbcr` defines it, on the scale of 8-bit pictures but not rounded:
 * 16 + 65.481 R + 128.553 G + 24.966 B, in [16, 235].
 * @param picture [3, H, W] R G B in [0, 1].
 */
export function luma({ data }: Tensor): Float64Array {
  const pixels = data.length / 3;
  const result = new Float64Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++)
    result[pixel] =
      16 +
      65.481 * data[pixel]! +
      128.553 * data[pixels + pixel]! +
      24.966 * data[2 * pixels + pixel]!;
  return result;
}
