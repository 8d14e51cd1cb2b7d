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
 * Fits a burst [n, 4, H, W] of packed RGGB frames, the reference first, to a number of frames, as
 * `chooseFrames` does.
 * @throws InputError where the burst has another shape; ParameterError where `frames` is no
 * positive integer.
 */
export function fitBurst(burst: Tensor, frames: number): FittedBurst {
  const [, channels, height, width] = burst.shape as [number, number, number, number];
  if (burst.shape.length !== 4 || channels !== CHANNELS || burst.data.length === 0)
    throw new InputError('burst', 'is not one of packed RGGB frames', {
      expected: `[frames, ${CHANNELS}, height, width]`,
      received: `[${burst.shape}]`,
    });
  const given = framesOf(burst);
  const { used, left } = chooseFrames(given, frames);
  const size = channels * height * width;
  const data = new Float32Array(frames * size);
  used.forEach((frame, place) => {
    data.set(given[frame]!.data, place * size);
  });
  return { burst: tensor([frames, channels, height, width], data), used, left };
}

/** The frames [4, H, W] of a burst [n, 4, H, W], over the same values. */
export function framesOf({ shape, data }: Tensor): Tensor[] {
  const size = shape.slice(1).reduce((product, extent) => product * extent, 1);
  return Array.from({ length: shape[0]! }, (_, frame) =>
    tensor(shape.slice(1), data.subarray(frame * size, (frame + 1) * size)),
  );
}

/**
 * Which frames [4, H, W] of a burst stand in `count` places, and which in none. The reference, the
 * first, is always kept; of too many others the sharpest stay, in their order, and with too few the
 * reference fills the places that are left.
 * @throws ParameterError where `count` is no positive integer.
 */
export function chooseFrames(
  frames: readonly Tensor[],
  count: number,
): Pick<FittedBurst, 'used' | 'left'> {
  if (!(Number.isInteger(count) && count >= 1))
    throw new ParameterError('frames', 'a positive integer', count);
  const all = frames.map((_, frame) => frame);
  const others =
    frames.length <= count
      ? all.slice(1)
      : sharpestFirst(frames)
          .slice(0, count - 1)
          .sort((a, b) => a - b);
  const used = [0, ...others];
  while (used.length < count) used.push(0);
  const kept = new Set(used);
  return { used, left: all.filter((frame) => !kept.has(frame)) };
}

/** All frames but the reference; of equally sharp ones the earlier first, those without a number last. */
function sharpestFirst(frames: readonly Tensor[]): number[] {
  const found = frames.slice(1).map(({ shape, data }, index) => {
    const value = sharpness(tensor([1, ...shape], data), 0);
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
