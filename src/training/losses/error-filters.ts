import {
  add,
  constant,
  matmul,
  mul,
  reshape,
  scalar,
  slice,
  sub,
  transpose,
  type Value,
} from '../../graph/index.js';
import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';

/** Side of the blocks whose spectra are compared. */
export const BLOCK = 8;

/**
 * The Laplacian of pictures [N, C, H, W] inside their border: the sum of the four neighbours less
 * four times the pixel, [N, C, H - 2, W - 2].
 */
export function laplacian(picture: Value): Value {
  const [height, width] = picture.shape.slice(2) as [number, number];
  const shifted = (y: number, x: number): Value =>
    slice(slice(picture, 2, y, y + height - 2), 3, x, x + width - 2);
  const neighbours = add(add(shifted(0, 1), shifted(2, 1)), add(shifted(1, 0), shifted(1, 2)));
  return sub(neighbours, mul(shifted(1, 1), scalar(4)));
}

/**
 * The orthonormal discrete Fourier transforms of the 8x8 blocks of pictures [N, C, H, W], real and
 * imaginary part, each [N, blocks, 8, 8]. What is left over below and to the right is left out.
 * @throws ParameterError where no block fits.
 */
export function blockSpectrum(picture: Value): { readonly real: Value; readonly imaginary: Value } {
  const [batch, channels, height, width] = picture.shape as [number, number, number, number];
  const [rows, columns] = [Math.floor(height / BLOCK), Math.floor(width / BLOCK)];
  if (rows === 0 || columns === 0)
    throw new ParameterError('picture', `${BLOCK}x${BLOCK} pixels or more`, picture.shape);
  const whole = slice(slice(picture, 2, 0, rows * BLOCK), 3, 0, columns * BLOCK);
  const apart = reshape(whole, [batch, channels * rows, BLOCK, columns, BLOCK]);
  const blocks = reshape(transpose(apart, [0, 1, 3, 2, 4]), [
    batch,
    channels * rows * columns,
    BLOCK,
    BLOCK,
  ]);
  const [cosine, sine] = [fourier(Math.cos), fourier((angle) => -Math.sin(angle))];
  // Both matrices are symmetric, so they stand on the right as they do on the left.
  const [down, downSine] = [matmul(cosine, blocks), matmul(sine, blocks)];
  return {
    real: sub(matmul(down, cosine), matmul(downSine, sine)),
    imaginary: add(matmul(down, sine), matmul(downSine, cosine)),
  };
}

function fourier(wave: (angle: number) => number): Value {
  const entries = Array.from({ length: BLOCK * BLOCK }, (_, place) => {
    const product = Math.floor(place / BLOCK) * (place % BLOCK);
    return wave((2 * Math.PI * product) / BLOCK) / Math.sqrt(BLOCK);
  });
  return constant(tensor([BLOCK, BLOCK], entries));
}
