import type { Tensor } from '../../tensor/tensor.js';

/** The planes of the colour space of JPEG files. */
export type YcbcrPlane = 'y' | 'cb' | 'cr';

/**
 * A plane of full-range BT.601, the colour space of JPEG files (ITU-T T.871), on the scale of 8-bit
 * images but not rounded: Y = 0.299 R + 0.587 G + 0.114 B in [0, 255], Cb = (B - Y) / 1.772 and
 * Cr = (R - Y) / 1.402 in [-127.5, 127.5].
 * @param image [3, H, W] R G B in [0, 1].
 */
export function ycbcrPlane({ data }: Tensor, plane: YcbcrPlane): Float64Array {
  const pixels = data.length / 3;
  const result = new Float64Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const red = 255 * data[pixel]!;
    const blue = 255 * data[2 * pixels + pixel]!;
    const y = 0.299 * red + 0.587 * 255 * data[pixels + pixel]! + 0.114 * blue;
    if (plane === 'y') result[pixel] = y;
    else result[pixel] = plane === 'cb' ? (blue - y) / 1.772 : (red - y) / 1.402;
  }
  return result;
}
