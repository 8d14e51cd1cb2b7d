import { sharpness } from '../../tensor/sharpness.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { InputError, ParameterError } from '../../utils/errors.js';

/** Planes of a packed RGGB frame. */
const CHANNELS = 4;

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
  const found = frames.slice(1).map((frame, index) => {
    const value = sharpness(frame);
    return { frame: index + 1, value: Number.isFinite(value) ? value : -1 };
  });
  return found.sort((a, b) => b.value - a.value || a.frame - b.frame).map(({ frame }) => frame);
}
