import { typedTensor } from '../../tensor/tensor.js';
import { isWithin, type Rectangle } from '../../tensor/window.js';
import { ParameterError } from '../../utils/errors.js';
import { pseudoInverse } from './forward-operator.js';
import { type BicubicReduction, bicubicReduction } from './linear-operators.js';

/** A part of an image that can be made consistent without the rest. */
export interface ReductionWindow {
  /** The reduction of the window alone. */
  readonly operator: BicubicReduction;
  /** The window in the image: the part and its margin. */
  readonly input: Rectangle;
  /** What of the measurement belongs to it. */
  readonly output: Rectangle;
  /** The part, relative to the window. */
  readonly part: Rectangle;
}

/**
 * The window in which to make a part of an image consistent: with the margin of the default,
 * `makeConsistent` gives the part as it gives it for the whole image, within 1e-6 for values in
 * [0, 1].
 *
 * @param part in pixels of the image, anywhere.
 * @param margin in pixels of the measurement; the window ends earlier where the image does.
 * @throws ParameterError for a part that leaves the image or a margin that is not whole.
 * @example
 * const window = reductionWindow(bicubicReduction(4, 2048, 2048), region);
 * const { operator, input, output, part } = window;
 * const whole = makeConsistent(operator, cropped(estimate, input), cropped(measurement, output));
 * const result = cropped(whole, part);
 */
export function reductionWindow(
  { scale, input: image }: BicubicReduction,
  part: Rectangle,
  margin: number = reductionReach(scale),
): ReductionWindow {
  if (!isWithin(part, image))
    throw new ParameterError(
      'part',
      `a part of ${image.width} x ${image.height} pixels`,
      `${part.width} x ${part.height} at ${part.left}, ${part.top}`,
    );
  if (!(Number.isInteger(margin) && margin >= 0))
    throw new ParameterError('margin', 'a whole number of pixels', margin);
  const across = spanOf(part.left, part.width, image.width, scale, margin);
  const down = spanOf(part.top, part.height, image.height, scale, margin);
  const operator = bicubicReduction(scale, down.length, across.length);
  return {
    operator,
    input: { left: across.start, top: down.start, width: across.length, height: down.length },
    output: { left: across.start / scale, top: down.start / scale, ...operator.output },
    part: { ...part, left: part.left - across.start, top: part.top - down.start },
  };
}

/** A span with a margin, which begins and ends at multiples of the scale or at the image's end. */
function spanOf(
  start: number,
  length: number,
  whole: number,
  scale: number,
  margin: number,
): { start: number; length: number } {
  const first = Math.max(0, Math.floor(start / scale) - margin) * scale;
  const end = Math.min(whole, (Math.ceil((start + length) / scale) + margin) * scale);
  return { start: first, length: end - first };
}

// The reach for 1e-12 is less than 30.
const halfLine = 48;

/**
 * How far a pixel of the measurement reaches in the pseudo-inverse of a bicubic reduction, whose
 * influence falls by about three per pixel: all those that lie farther away along an axis, each
 * changed by 1, change no pixel of the image by more than the tolerance. An estimate reaches 2
 * pixels farther, since the reduction reads as far.
 *
 * @param scale of the reduction.
 * @param tolerance from 1e-12 to 1.
 * @returns pixels of the measurement.
 * @throws ParameterError for a scale or tolerance out of range.
 */
export function reductionReach(scale: number, tolerance = 1e-7): number {
  if (!(tolerance >= 1e-12 && tolerance <= 1))
    throw new ParameterError('tolerance', 'a number from 1e-12 to 1', tolerance);
  // What one measured pixel contributes to a line: A+ is the product of two such axes.
  const count = 2 * halfLine + 1;
  const operator = bicubicReduction(scale, 1, count * scale);
  const unit = typedTensor('float64', [1, 1, count], new Float64Array(count));
  unit.data[halfLine] = 1;
  const { data } = pseudoInverse(operator, unit);
  const sums = new Float64Array(scale);
  const largest = new Float64Array(halfLine + 1);
  for (let at = 0; at < data.length; at++) {
    const value = Math.abs(data[at]!);
    sums[at % scale]! += value;
    const distance = Math.abs(Math.floor(at / scale) - halfLine);
    largest[distance] = Math.max(largest[distance]!, value);
  }
  const wanted = tolerance / sums.reduce((most, sum) => Math.max(most, sum));
  let reach = halfLine;
  for (let beyond = 0; reach > 0; reach--) {
    beyond += 2 * largest[reach]!;
    if (beyond > wanted) break;
  }
  return reach;
}
