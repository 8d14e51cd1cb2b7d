import {
  add,
  cast,
  concat,
  constant,
  div,
  expand,
  greater,
  mul,
  pad,
  reduceSum,
  reshape,
  scalar,
  slice,
  sub,
  sumTo,
  type Value,
} from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { correlation, Fourier, gathered, power, product, slopes } from './fourier.js';
import { aroundOrigin, centred, enlarged, firstKernels, pruned, reduce } from './kernels.js';

/**
 * A way of looking for a kernel. Each finds the kernels of about half of all images, and not of
 * the same half.
 */
interface Way {
  /** The coarsest scale, as a power of sqrt(1/2) of half the size. */
  readonly scales: number;
  readonly lambda: number;
  /** At the full size. */
  readonly threshold: number;
}

const ways: readonly Way[] = [
  { scales: 5, lambda: 1e-2, threshold: 0.05 },
  { scales: 3, lambda: 4e-3, threshold: 0.1 },
];

/** Kernels that are estimated for every image. */
export const kernelsPerImage = ways.length;

const ITERATIONS = 5;
/** The weight of edges falls by this from one iteration to the next. */
const DECAY = 1.1;
const LEAST_LAMBDA = 1e-4;
const COARSE_THRESHOLD = 0.05;
const COARSE_DAMPING = 80;
const FINE_DAMPING = 10;
const fineLambdas: readonly number[] = [4e-3, 2e-3, 2e-3, 1e-3, 1e-3, 1e-3];

/**
 * Estimates what blurred images, the same everywhere in each: kernels [N kernelsPerImage,
 * size, size], those of one image one after the other, whose centres of gravity lie in the
 * middle. Coarse to fine, first at half the size.
 * @param images [N, H, W], the square roots of linear light.
 * @param size odd number of rows and columns, at least 9.
 */
export function estimateKernels(images: Value, size: number): Value {
  const [batch, height, width] = images.shape as [number, number, number];
  const coarsest = Math.max(...ways.map(({ scales }) => scales));
  let kernels: Value | undefined;
  let active: readonly Way[] = [];
  for (let scale = coarsest - 1; scale >= 0; scale--) {
    const shrink = 0.5 * Math.SQRT1_2 ** scale;
    const own = oddSize(((3 * size) / 8) * Math.SQRT1_2 ** scale);
    const begun = ways.filter(({ scales }) => scales > scale);
    kernels = joined(kernels, active, begun, { batch, size: own });
    active = begun;
    const reduced = reduce(images, Math.round(shrink * height), Math.round(shrink * width));
    const search = new KernelSearch(repeated(reduced, active.length), own, COARSE_DAMPING);
    for (let at = 0; at < ITERATIONS; at++)
      kernels = search.improved(kernels, {
        lambdas: active.map(({ scales, lambda }) => {
          const done = (scales - 1 - scale) * ITERATIONS + at;
          return Math.max(lambda * DECAY ** -done, LEAST_LAMBDA);
        }),
        thresholds: active.map(() => COARSE_THRESHOLD),
        wholePixels: true,
      });
  }
  const search = new KernelSearch(repeated(images, ways.length), size, FINE_DAMPING);
  const thresholds = ways.map(({ threshold }) => threshold);
  return fineLambdas.reduce(
    (best, lambda) => search.improved(best, { lambdas: [lambda], thresholds }),
    doubled(kernels!, size),
  );
}

/** The kernels of the ways that have begun, on the grid of the next scale. */
function joined(
  kernels: Value | undefined,
  before: readonly Way[],
  now: readonly Way[],
  { batch, size }: { readonly batch: number; readonly size: number },
): Value {
  const each = [batch, 1, size, size];
  const finer = kernels && reshape(enlarged(kernels, size), [batch, before.length, size, size]);
  const parts = now.map((way) => {
    const place = before.indexOf(way);
    return finer === undefined || place < 0
      ? reshape(firstKernels(batch, size), each)
      : slice(finer, 1, place, place + 1);
  });
  return reshape(concat(parts, 1), [batch * now.length, size, size]);
}

/** Every image [N, H, W] once for each kernel, one after the other. */
function repeated(images: Value, times: number): Value {
  const [batch, height, width] = images.shape as [number, number, number];
  const each = reshape(images, [batch, 1, height, width]);
  return reshape(expand(each, [batch, times, height, width]), [batch * times, height, width]);
}

/** Kernels of half the spacing with a border of zeros, size x size, their middles in the middle. */
function doubled(kernels: Value, size: number): Value {
  const twice = enlarged(kernels, 2 * kernels.shape[1]!);
  const missing = size - twice.shape[1]!;
  const around = [Math.floor(missing / 2), Math.ceil(missing / 2)] as const;
  return centred(pad(twice, [[0, 0], around, around]));
}

function oddSize(size: number): number {
  return Math.max(2 * Math.floor(size / 2) + 1, 3);
}

/** How one iteration looks for kernels. */
interface Iteration {
  /** Weights of the number of edges, one for each kernel. */
  readonly lambdas: readonly number[];
  /** Entries below this part of a kernel's largest are left out, one for each kernel. */
  readonly thresholds: readonly number[];
  /** Whether kernels are moved by whole pixels alone. */
  readonly wholePixels?: boolean;
}

/** Looks for the kernels that blurred images of one size, by turns with the sharp images. */
export class KernelSearch {
  readonly #fourier: Fourier;
  readonly #window: Value;
  readonly #images: Value;
  readonly #slopes: Value;
  readonly #damping: Value;
  readonly #size: number;

  /**
   * @param images [N, H, W], the square roots of linear light.
   * @param size odd number of rows and columns of the kernels.
   * @param damping of frequencies without edges, for 256 x 256 pixels.
   */
  constructor(images: Value, size: number, damping: number) {
    const [, height, width] = images.shape as [number, number, number];
    this.#fourier = new Fourier(height, width);
    this.#window = this.#fourier.places(
      (row, column) => rootOfHann(row, height) * rootOfHann(column, width),
      'window',
    );
    this.#images = images;
    this.#size = size;
    this.#damping = scalar((damping * height * width) / 256 ** 2);
    this.#slopes = this.#slopeSpectra(images);
  }

  /** Kernels [N, size, size] that explain the images better than the given ones. */
  improved(kernels: Value, iteration: Iteration): Value {
    const fourier = this.#fourier;
    const { lambdas } = iteration;
    const spectra = fourier.forward(kernels, aroundOrigin(this.#size));
    const cyclic = fourier.forward(tapered(fourier, this.#images, spectra, this.#size));
    const sharp = flattened(
      fourier,
      this.#images,
      { matched: correlation(spectra, cyclic), power: power(spectra) },
      { lambdas: perKernel(lambdas, kernels), rounds: roundsFor(Math.max(...lambdas)) },
    );
    return this.explaining(sharp, iteration);
  }

  /** Kernels [N, size, size] that make the images of sharp ones [N, H, W]. */
  explaining(sharp: Value, { thresholds, wholePixels = false }: Omit<Iteration, 'lambdas'>): Value {
    const found = this.#slopeSpectra(sharp);
    const explained = bothSlopes(correlation(found, this.#slopes));
    const weight = add(bothSlopes(power(found)), this.#damping);
    const estimates = this.#fourier.inverse(div(explained, weight), aroundOrigin(this.#size));
    return centred(pruned(estimates, perKernel(thresholds, estimates)), wholePixels);
  }

  /** [2 N, H, 2 F]: those to the right and downwards of every image one after the other. */
  #slopeSpectra(images: Value): Value {
    const [batch, height, width] = images.shape as [number, number, number];
    const separate = reshape(slopes(this.#fourier, images), [2 * batch, height, width]);
    return this.#fourier.forward(mul(separate, this.#window));
  }
}

/**
 * Images [N, H, W] that turn into their own blurred form towards the border, so that they go on
 * cyclically without an edge.
 * @param spectra of as many kernels.
 * @param size of the kernels.
 */
export function tapered(fourier: Fourier, images: Value, spectra: Value, size: number): Value {
  const blurred = fourier.inverse(product(spectra, fourier.forward(images)));
  const inside = fourier.places(
    (row, column) => fade(row, fourier.height, size) * fade(column, fourier.width, size),
    `fading ${size}`,
  );
  return add(blurred, mul(sub(images, blurred), inside));
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

/** The weight of the coupling grows from twice lambda by this factor in every round. */
const GROWTH = 4;
const LAST = 30;

/** Rounds after which the coupling is as strong as it is useful. */
function roundsFor(lambda: number): number {
  return Math.ceil(Math.log(LAST / (2 * lambda)) / Math.log(GROWTH));
}

/**
 * Images [N, H, W] that have few edges and, blurred, are near the given ones: the minimum of
 * |k * x - y|^2 + lambda |{places where x has a slope}|, found by half-quadratic splitting (Xu, Lu,
 * Xu & Jia 2011; Xu, Zheng & Jia 2013). Small texture, which misleads estimates of the kernel, is
 * gone, and edges are steep.
 * @param kernels.matched spectra of the correlation of kernels with images.
 * @param kernels.power squared magnitudes of the kernels' spectra.
 * @param settings.lambdas [N, 1, 1].
 */
function flattened(
  fourier: Fourier,
  images: Value,
  kernels: { readonly matched: Value; readonly power: Value },
  { lambdas, rounds }: { readonly lambdas: Value; readonly rounds: number },
): Value {
  let result = images;
  for (let round = 0; round < rounds; round++) {
    const coupling = mul(lambdas, scalar(2 * GROWTH ** round));
    const differences = slopes(fourier, result);
    const squares = reduceSum(mul(differences, differences), [1], true);
    const strong = cast(greater(squares, scalar(0.5 * GROWTH ** -round)), 'float32');
    const pull = mul(coupling, fourier.forward(gathered(mul(differences, strong))));
    const weight = add(kernels.power, mul(coupling, fourier.slopePower));
    result = fourier.inverse(div(add(kernels.matched, pull), weight));
  }
  return result;
}
