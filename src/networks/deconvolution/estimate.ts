import { type Value, concat, expand, pad, reshape, slice } from '../../graph/index.js';
import { centred, enlarged, firstKernels } from './kernels.js';
import { reduce } from './resample.js';
import { KernelSearch } from './search.js';

/**
 * A way of looking for a kernel. Each finds the kernels of about half of all pictures, and not of
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

/** Kernels that are estimated for every picture. */
export const kernelsPerPicture = ways.length;

const ITERATIONS = 5;
/** The weight of edges falls by this from one iteration to the next. */
const DECAY = 1.1;
const LEAST_LAMBDA = 1e-4;
const COARSE_THRESHOLD = 0.05;
const COARSE_DAMPING = 80;
const FINE_DAMPING = 10;
const fineLambdas: readonly number[] = [4e-3, 2e-3, 2e-3, 1e-3, 1e-3, 1e-3];

/**
 * Estimates what blurred pictures, the same everywhere in each: kernels [N kernelsPerPicture,
 * size, size], those of one picture one after the other, whose centres of gravity lie in the
 * middle. Coarse to fine, first at half the size.
 * @param pictures [N, H, W], the square roots of linear light.
 * @param size odd number of rows and columns, at least 9.
 */
export function estimateKernels(pictures: Value, size: number): Value {
  const [batch, height, width] = pictures.shape as [number, number, number];
  const coarsest = Math.max(...ways.map(({ scales }) => scales));
  let kernels: Value | undefined;
  let active: readonly Way[] = [];
  for (let scale = coarsest - 1; scale >= 0; scale--) {
    const shrink = 0.5 * Math.SQRT1_2 ** scale;
    const own = oddSize(((3 * size) / 8) * Math.SQRT1_2 ** scale);
    const begun = ways.filter(({ scales }) => scales > scale);
    kernels = joined(kernels, active, begun, { batch, size: own });
    active = begun;
    const reduced = reduce(pictures, Math.round(shrink * height), Math.round(shrink * width));
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
  const search = new KernelSearch(repeated(pictures, ways.length), size, FINE_DAMPING);
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

/** Every picture [N, H, W] once for each kernel, one after the other. */
function repeated(pictures: Value, times: number): Value {
  const [batch, height, width] = pictures.shape as [number, number, number];
  const each = reshape(pictures, [batch, 1, height, width]);
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
