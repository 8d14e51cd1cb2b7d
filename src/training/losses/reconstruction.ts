import {
  abs,
  add,
  constant,
  matmul,
  mul,
  reduceMean,
  reshape,
  scalar,
  slice,
  sqrt,
  sub,
  transpose,
  type Value,
} from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import type { Loss } from '../custom-parts.js';
import type { Recipe } from '../recipe.js';

export type LossName = 'mse' | 'l1' | 'charbonnier';
const CHARBONNIER_EPSILON = 1e-3;

/**
 * Mean loss between two values of one shape.
 * @param weight factor per sample, broadcast; 1 where absent.
 */
export function buildLoss(name: LossName, estimate: Value, target: Value, weight?: Value): Value {
  return weightedMean(perElement(name, sub(estimate, target)), weight);
}

/**
 * What a recipe minimises: its loss or the caller's own, plus `edge` times the mean absolute
 * Laplacian of the error and `frequency` times the mean absolute value of the real and imaginary
 * parts of the error's orthonormal spectra in 8x8 blocks. The terms are weighted like the loss.
 * @param weight factor per sample [N, 1, 1, 1]; 1 where absent.
 */
export function buildObjective(
  recipe: Pick<Recipe, 'loss' | 'edge' | 'frequency'>,
  { estimate, target, weight }: { estimate: Value; target: Value; weight?: Value },
  own?: Loss,
): Value {
  const { loss, edge, frequency } = recipe;
  let objective =
    own === undefined ? buildLoss(loss, estimate, target, weight) : own(estimate, target, weight);
  const error = sub(estimate, target);
  if (edge > 0) {
    const term = weightedMean(abs(laplacian(error)), weight);
    objective = add(objective, mul(term, scalar(edge)));
  }
  if (frequency > 0) {
    const { real, imaginary } = blockSpectrum(error);
    const parts = add(weightedMean(abs(real), weight), weightedMean(abs(imaginary), weight));
    objective = add(objective, mul(parts, scalar(frequency / 2)));
  }
  return objective;
}

/** Mean over everything; `weight` has one entry per sample, the first axis. */
function weightedMean(each: Value, weight?: Value): Value {
  const weighted = weight === undefined ? each : mul(each, weight);
  return reduceMean(
    weighted,
    weighted.shape.map((_, axis) => axis),
    false,
  );
}

function perElement(name: LossName, error: Value): Value {
  if (name === 'mse') return mul(error, error);
  if (name === 'l1') return abs(error);
  return sqrt(add(mul(error, error), scalar(CHARBONNIER_EPSILON ** 2)));
}

/** Side of the blocks whose spectra are compared. */
const BLOCK = 8;

/**
 * The Laplacian of images [N, C, H, W] inside their border: the sum of the four neighbours less
 * four times the pixel, [N, C, H - 2, W - 2].
 */
export function laplacian(image: Value): Value {
  const [height, width] = image.shape.slice(2) as [number, number];
  const shifted = (y: number, x: number): Value =>
    slice(slice(image, 2, y, y + height - 2), 3, x, x + width - 2);
  const neighbours = add(add(shifted(0, 1), shifted(2, 1)), add(shifted(1, 0), shifted(1, 2)));
  return sub(neighbours, mul(shifted(1, 1), scalar(4)));
}

/**
 * The orthonormal discrete Fourier transforms of the 8x8 blocks of images [N, C, H, W], real and
 * imaginary part, each [N, blocks, 8, 8]. What is left over below and to the right is left out.
 * @throws ParameterError where no block fits.
 */
export function blockSpectrum(image: Value): { readonly real: Value; readonly imaginary: Value } {
  const [batch, channels, height, width] = image.shape as [number, number, number, number];
  const [rows, columns] = [Math.floor(height / BLOCK), Math.floor(width / BLOCK)];
  if (rows === 0 || columns === 0)
    throw new ParameterError('image', `${BLOCK}x${BLOCK} pixels or more`, image.shape);
  const whole = slice(slice(image, 2, 0, rows * BLOCK), 3, 0, columns * BLOCK);
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
