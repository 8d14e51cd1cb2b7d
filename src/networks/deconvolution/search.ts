import { type Value, add, constant, div, mul, reshape, scalar, sub, sumTo } from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { flattened, roundsFor } from './flattened.js';
import { Fourier } from './fourier.js';
import { aroundOrigin, centred, pruned } from './kernels.js';
import { slopes } from './slopes.js';
import { correlation, power, product } from './spectra.js';

/** How one iteration looks for kernels. */
export interface Iteration {
  /** Weights of the number of edges, one for each kernel. */
  readonly lambdas: readonly number[];
  /** Entries below this part of a kernel's largest are left out, one for each kernel. */
  readonly thresholds: readonly number[];
  /** Whether kernels are moved by whole pixels alone. */
  readonly wholePixels?: boolean;
}

/** Looks for the kernels that blurred pictures of one size, by turns with the sharp pictures. */
export class KernelSearch {
  readonly #fourier: Fourier;
  readonly #window: Value;
  readonly #pictures: Value;
  readonly #slopes: Value;
  readonly #damping: Value;
  readonly #size: number;

  /**
   * @param pictures [N, H, W], the square roots of linear light.
   * @param size odd number of rows and columns of the kernels.
   * @param damping of frequencies without edges, for 256 x 256 pixels.
   */
  constructor(pictures: Value, size: number, damping: number) {
    const [, height, width] = pictures.shape as [number, number, number];
    this.#fourier = new Fourier(height, width);
    this.#window = this.#fourier.places(
      (row, column) => rootOfHann(row, height) * rootOfHann(column, width),
      'window',
    );
    this.#pictures = pictures;
    this.#size = size;
    this.#damping = scalar((damping * height * width) / 256 ** 2);
    this.#slopes = this.#slopeSpectra(pictures);
  }

  /** Kernels [N, size, size] that explain the pictures better than the given ones. */
  improved(kernels: Value, iteration: Iteration): Value {
    const fourier = this.#fourier;
    const { lambdas } = iteration;
    const spectra = fourier.forward(kernels, aroundOrigin(this.#size));
    const cyclic = fourier.forward(tapered(fourier, this.#pictures, spectra, this.#size));
    const sharp = flattened(
      fourier,
      this.#pictures,
      { matched: correlation(spectra, cyclic), power: power(spectra) },
      { lambdas: perKernel(lambdas, kernels), rounds: roundsFor(Math.max(...lambdas)) },
    );
    return this.explaining(sharp, iteration);
  }

  /** Kernels [N, size, size] that make the pictures of sharp ones [N, H, W]. */
  explaining(sharp: Value, { thresholds, wholePixels = false }: Omit<Iteration, 'lambdas'>): Value {
    const found = this.#slopeSpectra(sharp);
    const explained = bothSlopes(correlation(found, this.#slopes));
    const weight = add(bothSlopes(power(found)), this.#damping);
    const estimates = this.#fourier.inverse(div(explained, weight), aroundOrigin(this.#size));
    return centred(pruned(estimates, perKernel(thresholds, estimates)), wholePixels);
  }

  /** [2 N, H, 2 F]: those to the right and downwards of every picture one after the other. */
  #slopeSpectra(pictures: Value): Value {
    const [batch, height, width] = pictures.shape as [number, number, number];
    const separate = reshape(slopes(this.#fourier, pictures), [2 * batch, height, width]);
    return this.#fourier.forward(mul(separate, this.#window));
  }
}

/**
 * Pictures [N, H, W] that turn into their own blurred form towards the border, so that they go on
 * cyclically without an edge.
 * @param spectra of as many kernels.
 * @param size of the kernels.
 */
export function tapered(fourier: Fourier, pictures: Value, spectra: Value, size: number): Value {
  const blurred = fourier.inverse(product(spectra, fourier.forward(pictures)));
  const inside = fourier.places(
    (row, column) => fade(row, fourier.height, size) * fade(column, fourier.width, size),
    `fading ${size}`,
  );
  return add(blurred, mul(sub(pictures, blurred), inside));
}

/** 0 at both ends and 1 from `reach` places on. */
function fade(at: number, extent: number, reach: number): number {
  return 0.5 - 0.5 * Math.cos(Math.PI * Math.min(at / reach, (extent - 1 - at) / reach, 1));
}

function rootOfHann(at: number, extent: number): number {
  return Math.sin((Math.PI * (at + 0.5)) / extent);
}

/** One number for each kind of kernel as [N, 1, 1]; kinds follow each other in the batch. */
function perKernel(numbers: readonly number[], kernels: Value): Value {
  const batch = kernels.shape[0]!;
  const values = Array.from({ length: batch }, (_, at) => numbers[at % numbers.length]!);
  return constant(tensor([batch, 1, 1], values));
}

function bothSlopes(spectra: Value): Value {
  const [double, height, across] = spectra.shape as [number, number, number];
  const pairs = reshape(spectra, [double / 2, 2, height, across]);
  return reshape(sumTo(pairs, [double / 2, 1, height, across]), [double / 2, height, across]);
}
