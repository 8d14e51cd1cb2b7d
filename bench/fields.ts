import { type Tensor, tensor } from '../src/tensor/tensor.js';
import { ParameterError } from '../src/utils/errors.js';

/** An image without detail. */
export interface Field {
  readonly name: string;
  /** sRGB of the two ends, 0 to 255; flat where they are equal. */
  readonly from: readonly [number, number, number];
  readonly to: readonly [number, number, number];
}

function flat(name: string, colour: readonly [number, number, number]): Field {
  return { name, from: colour, to: colour };
}

/** Flat grey, flat colours, and gradients as slow as a sky. */
export const fields: readonly Field[] = [
  ...[16, 64, 128, 192, 240].map((level) => flat(`grey ${level}`, [level, level, level])),
  flat('red', [170, 70, 60]),
  flat('green', [70, 130, 70]),
  flat('blue', [70, 90, 170]),
  { name: 'grey gradient', from: [120, 120, 120], to: [136, 136, 136] },
  { name: 'sky gradient', from: [110, 150, 200], to: [126, 162, 206] },
];

/**
 * A square field, [3, side, side] sRGB in [0, 1]: the colour changes evenly from the left edge to
 * the right one.
 */
export function drawField({ from, to }: Field, side: number): Tensor {
  const data = new Float32Array(3 * side * side);
  for (let channel = 0; channel < 3; channel++)
    for (let row = 0; row < side; row++)
      for (let column = 0; column < side; column++) {
        const share = side === 1 ? 0 : column / (side - 1);
        const level = from[channel]! + share * (to[channel]! - from[channel]!);
        data[(channel * side + row) * side + column] = level / 255;
      }
  return tensor([3, side, side], data);
}

/** How far a result is from its target, in units of 1/255. */
export interface FieldDeviation {
  /** Mean of result less target: a shift of colour. */
  readonly bias: number;
  /** Root mean square of result less target about that mean: texture that the target lacks. */
  readonly grain: number;
  /** Root mean square of result less target: both together. */
  readonly rms: number;
}

/**
 * Deviations of each channel over several results of one target.
 * @throws ParameterError for no results, or ones of another shape than the target.
 */
export function deviations(results: readonly Tensor[], target: Tensor): FieldDeviation[] {
  const [channels = 0, height = 0, width = 0] = target.shape;
  const area = height * width;
  if (results.length === 0) throw new ParameterError('results', 'at least one', 0);
  for (const { shape } of results)
    if (shape.join() !== target.shape.join())
      throw new ParameterError('results', `images of shape ${target.shape.join(' x ')}`, shape);
  return Array.from({ length: channels }, (_, channel) => {
    let [bias, grain, rms] = [0, 0, 0];
    for (const { data } of results) {
      let [sum, squares] = [0, 0];
      for (let place = channel * area; place < (channel + 1) * area; place++) {
        const difference = 255 * (data[place]! - target.data[place]!);
        sum += difference;
        squares += difference ** 2;
      }
      const mean = sum / area;
      bias += mean / results.length;
      grain += Math.max(0, squares / area - mean ** 2) / results.length;
      rms += squares / area / results.length;
    }
    return { bias, grain: Math.sqrt(grain), rms: Math.sqrt(rms) };
  });
}
