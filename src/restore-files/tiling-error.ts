import type { Tensor } from '../tensor/tensor.js';

/** Difference between an image computed in tiles and the same image computed whole. */
export interface TilingError {
  /** Largest absolute difference, in units of the [0, 1] range. */
  readonly maximum: number;
  /** Root of the mean squared difference. */
  readonly rms: number;
}

/** The difference between two images of one shape. */
export function tilingErrorOf(tiled: Tensor, whole: Tensor): TilingError {
  let maximum = 0;
  let squares = 0;
  for (let i = 0; i < tiled.data.length; i += 1) {
    const difference = Math.abs(tiled.data[i]! - whole.data[i]!);
    maximum = Math.max(maximum, difference);
    squares += difference ** 2;
  }
  return { maximum, rms: Math.sqrt(squares / tiled.data.length) };
}
