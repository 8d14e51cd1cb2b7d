import { InputError, ParameterError } from '../../tensor/errors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';

/** Planes of a packed RGGB frame: red, green on red's rows, green on blue's rows, blue. */
const CHANNELS = 4;
const GREENS = [1, 2];

/** A burst of as many frames as a network's weights are made for. */
export interface FittedBurst {
  /** [frames, 4, H, W], the reference first. */
  readonly burst: Tensor;
  /** Which frame of the given burst stands in each place; the reference is 0. */
  readonly used: readonly number[];
  /** Frames of the given burst that have no place, in their order. */
  readonly left: readonly number[];
}

/**
 * Fits a burst [n, 4, H, W] of packed RGGB frames, the reference first, to a number of frames. The
 * reference is always kept; of too many others the sharpest stay, in their order, and with too few
 * the reference fills the places that are left.
 * @throws InputError where the burst has another shape; ParameterError where `frames` is no
 * positive integer.
 */
export function fitBurst(burst: Tensor, frames: number): FittedBurst {
  if (!(Number.isInteger(frames) && frames >= 1))
    throw new ParameterError('frames', 'a positive integer', frames);
  const [count, channels, height, width] = burst.shape as [number, number, number, number];
  if (burst.shape.length !== 4 || channels !== CHANNELS || burst.data.length === 0)
    throw new InputError('burst', 'is not one of packed RGGB frames', {
      expected: `[frames, ${CHANNELS}, height, width]`,
      received: `[${burst.shape}]`,
    });
  const others = sharpestFirst(burst)
    .slice(0, frames - 1)
    .sort((a, b) => a - b);
  const used = [0, ...others];
  while (used.length < frames) used.push(0);
  const size = channels * height * width;
  const data = new Float32Array(frames * size);
  used.forEach((frame, place) => {
    data.set(burst.data.subarray(frame * size, (frame + 1) * size), place * size);
  });
  const kept = new Set(used);
  const left = Array.from({ length: count }, (_, frame) => frame).filter(
    (frame) => !kept.has(frame),
  );
  return { burst: tensor([frames, channels, height, width], data), used, left };
}

/** All frames but the reference; of equally sharp ones the earlier first, those without a number last. */
function sharpestFirst(burst: Tensor): number[] {
  const found = Array.from({ length: burst.shape[0]! - 1 }, (_, index) => {
    const value = sharpness(burst, index + 1);
    return { frame: index + 1, value: Number.isFinite(value) ? value : -1 };
  });
  return found.sort((a, b) => b.value - a.value || a.frame - b.frame).map(({ frame }) => frame);
}

/**
 * Variance of the Laplacian over the green planes of one frame of a burst [n, 4, H, W]: the more
 * fine detail, the larger. Noise raises it too, in all frames of a burst alike. Beyond the border
 * lies the border.
 */
export function sharpness(burst: Tensor, frame: number): number {
  const [, channels, height, width] = burst.shape as [number, number, number, number];
  let sum = 0;
  let squares = 0;
  for (const channel of GREENS) {
    const start = (frame * channels + channel) * height * width;
    for (let row = 0; row < height; row += 1) {
      const above = start + Math.max(row - 1, 0) * width;
      const here = start + row * width;
      const below = start + Math.min(row + 1, height - 1) * width;
      for (let column = 0; column < width; column += 1) {
        const before = burst.data[here + Math.max(column - 1, 0)]!;
        const after = burst.data[here + Math.min(column + 1, width - 1)]!;
        const centre = burst.data[here + column]!;
        const vertical = burst.data[above + column]! + burst.data[below + column]!;
        const laplacian = vertical + before + after - 4 * centre;
        sum += laplacian;
        squares += laplacian ** 2;
      }
    }
  }
  const count = GREENS.length * height * width;
  return squares / count - (sum / count) ** 2;
}
