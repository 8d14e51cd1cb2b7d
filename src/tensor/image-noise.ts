import { ParameterError } from '../utils/errors.js';
import { checkPlace, fillNormalLine } from './random.js';

const maxChannels = 0x10000;
const maxExtent = 2 ** 31;

/** Where a rectangle of image noise lies, in pixels of the whole image. */
export interface NoiseRectangle {
  /** Integer in [0, 2^53). */
  readonly seed: number;
  /** Integer in [0, 2^32): which of a seed's independent fields. */
  readonly stream: number;
  readonly channels: number;
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Fills `target` with the deviates of the flat elements first, first + 1, ... of a field. */
export type NoisePieces = (
  stream: number,
  first: number,
  target: Float32Array | Float64Array,
) => void;

/**
 * Fills `target` [channels, height, width] with standard normal deviates, each a function of
 * (seed, stream, channel, y, x) alone, so that the noise of a tile is the crop of the image's
 * noise whatever the sizes of both.
 * @throws ParameterError where a number is out of range or the target has another length.
 */
export function fillNormalImage(
  target: Float32Array | Float64Array,
  rectangle: NoiseRectangle,
): void {
  const { seed, stream, channels, top, left, height, width } = rectangle;
  checkPlace(seed, stream, 0, 0);
  checkExtents({ top, left, height, width });
  if (!Number.isInteger(channels) || channels < 0 || channels > maxChannels)
    throw new ParameterError('channels', `an integer in [0, ${maxChannels}]`, channels);
  if (target.length !== channels * height * width)
    throw new ParameterError('target', `${channels * height * width} elements`, target.length);
  for (let row = 0; row < channels * height; row++) {
    const channel = Math.floor(row / height);
    const y = top + (row % height);
    fillNormalLine(target, row * width, width, seed, stream, channel, y, left);
  }
}

/** The deviate that `fillNormalImage` puts at (channel, y, x) of the field `stream`. */
export function normalAtPixel(
  seed: number,
  stream: number,
  channel: number,
  y: number,
  x: number,
): number {
  checkPlace(seed, stream, 0, 0);
  checkExtents({ y, x });
  if (!Number.isInteger(channel) || channel < 0 || channel >= maxChannels)
    throw new ParameterError('channel', `an integer in [0, ${maxChannels})`, channel);
  const target = new Float64Array(1);
  fillNormalLine(target, 0, 1, seed, stream, channel, y, x);
  return target[0]!;
}

/**
 * The noise fields of an image [channels, height, width] in flat pieces, equal to what
 * `fillNormalImage` gives for the same seed, so that a sampler needs no whole-image array of
 * noise. `top` and `left` place the image in a larger field.
 * @throws ParameterError where a number is out of range; so does the returned function.
 */
export function imageNoise(image: {
  readonly seed: number;
  readonly height: number;
  readonly width: number;
  readonly top?: number;
  readonly left?: number;
}): NoisePieces {
  const { seed, height, width, top = 0, left = 0 } = image;
  checkPlace(seed, 0, 0, 0);
  checkExtents({ height, width, top, left });
  return (stream, first, target) => {
    checkPlace(seed, stream, first, target.length);
    if (first + target.length > maxChannels * height * width)
      throw new ParameterError('first', `a range inside ${height}x${width} planes`, first);
    for (let done = 0; done < target.length; ) {
      const row = Math.floor((first + done) / width);
      const x = (first + done) % width;
      const count = Math.min(width - x, target.length - done);
      const channel = Math.floor(row / height);
      const y = top + (row % height);
      fillNormalLine(target, done, count, seed, stream, channel, y, left + x);
      done += count;
    }
  };
}

function checkExtents(values: Record<string, number>): void {
  for (const [name, value] of Object.entries(values))
    if (!Number.isInteger(value) || value < 0 || value > maxExtent)
      throw new ParameterError(name, `an integer in [0, ${maxExtent}]`, value);
}
