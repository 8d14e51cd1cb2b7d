import { srgbToLinear } from '../../images/colour/rgb-profile.js';
import type { Tensor } from '../../tensor/tensor.js';

const ofBytes = Float64Array.from({ length: 256 }, (_, byte) => srgbToLinear(byte / 255));

/**
 * Linear light in [0, 1] of the three channels of an sRGB image, whose values are clamped to
 * [0, 1]. Values of 8 bits are looked up.
 * @param image [3, H, W] R G B.
 */
export function linearLight({ shape, data }: Tensor): Float64Array[] {
  const pixels = shape[1]! * shape[2]!;
  return [0, 1, 2].map((channel) => {
    const light = new Float64Array(pixels);
    const from = channel * pixels;
    for (let at = 0; at < pixels; at++) light[at] = lightOf(data[from + at]!);
    return light;
  });
}

function lightOf(value: number): number {
  const byte = Math.round(255 * value);
  if (Math.fround(byte / 255) === value && byte >= 0 && byte <= 255) return ofBytes[byte]!;
  // Math.min and Math.max keep NaN, which must not pass for a figure.
  return srgbToLinear(Math.min(1, Math.max(0, value)));
}
