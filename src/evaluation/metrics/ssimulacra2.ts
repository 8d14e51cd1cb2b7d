import { ParameterError } from '../../tensor/errors.js';
import { meanHalved, type Plane, separable } from './filters.js';
import { linearLight } from './linear-light.js';
import type { Metric } from './metric.js';
import { checkBorder, numeric, pairSize, withoutBorder } from './planes.js';
import { Norms, scoreOf } from './ssimulacra2-score.js';

const scales = 6;
const smallestSide = 8;
const c2 = 0.0009;
/**
 * The impulse response of libjxl's recursive Gaussian of deviation 1.5 (Charalampidis 2016): three
 * cosines of a period of twenty pixels and its odd fractions, which end at five pixels.
 */
const half = [
  0.2646211054881985, 0.2129285920104222, 0.1093353727774603, 0.0360111146583644,
  0.00941436780965374,
];
const blur = Float64Array.from({ length: 9 }, (_, tap) => half[Math.abs(tap - 4)]!);
/** XYB: linear R, G and B mixed into the responses of long, middle and short cones. */
const absorbance = [
  [0.3, 0.622, 0.078],
  [0.23, 0.692, 0.078],
  [0.24342268924547819, 0.20476744424496821, 0.5518098665095535],
] as const;
const bias = 0.0037930732552754493;

/**
 * SSIMULACRA 2.1 (Sneyers, Cloudinary, 2023): 100 for equal images, about 90 where no difference is
 * seen, 70 for high, 50 for medium and 30 for low quality; without a lower bound. In XYB, at up to
 * six scales halved in linear light, three maps are made: SSIM without the factor's denominator,
 * edges that the test has and the reference lacks, and the reverse. Means and fourth norms of these
 * 54 maps make a weighted sum, fitted to opinions on compressed images. Values are taken as sRGB.
 *
 * @example ssimulacra2({ border: 4 }).compute(target, restored)
 */
export function ssimulacra2({ border = 0 }: { readonly border?: number } = {}): Metric {
  checkBorder(border);
  return {
    name: 'ssimulacra2',
    direction: 'higher',
    range: [-Infinity, 100],
    unit: '',
    colourSpace: 'rgb',
    border,
    version: '1 (SSIMULACRA 2.1)',
    compute: (reference, test) => {
      const { height, width } = pairSize(reference, test, border);
      if (Math.min(height, width) < smallestSide)
        throw new ParameterError(
          'reference',
          `at least ${smallestSide} x ${smallestSide} pixels inside the border`,
          reference.shape,
        );
      const [a, b] = Object.entries({ reference, test }).map(([name, image]) =>
        linearLight(withoutBorder(name, image, border)).map((data) => ({ height, width, data })),
      );
      return numeric(scoreOf(overScales(a!, b!)));
    },
  };
}

/** Norms of the maps: per scale, per channel, those of three maps. */
function overScales(reference: readonly Plane[], test: readonly Plane[]) {
  const result: (readonly (readonly number[])[])[] = [];
  let [a, b] = [reference, test];
  for (let scale = 0; scale < scales; scale++) {
    if (scale > 0) [a, b] = [halved(a), halved(b)];
    const [first, second] = [xyb(a), xyb(b)];
    result.push(first.map((plane, channel) => compared(plane, second[channel]!)));
    const [{ height, width }] = a as [Plane];
    if (Math.min(height, width) < smallestSide) break;
  }
  return result;
}

function halved(planes: readonly Plane[]): Plane[] {
  return planes.map((plane) => meanHalved(plane));
}

/** X, Y and B less Y of linear R, G and B, moved into 0..1. */
function xyb([red, green, blue]: readonly Plane[]): Plane[] {
  const { height, width } = red!;
  const [x, y, b] = [0, 1, 2].map(() => new Float64Array(height * width));
  const offset = Math.cbrt(bias);
  const response = (cone: number, at: number) => {
    const [r, g, b] = absorbance[cone]!;
    return (
      Math.cbrt(r * red!.data[at]! + g * green!.data[at]! + b * blue!.data[at]! + bias) - offset
    );
  };
  for (let at = 0; at < height * width; at++) {
    const [long, middle, short] = [response(0, at), response(1, at), response(2, at)];
    x![at] = 14 * (long - middle) * 0.5 + 0.42;
    y![at] = (long + middle) / 2 + 0.01;
    b![at] = short - (long + middle) / 2 + 0.55;
  }
  return [x!, y!, b!].map((data) => ({ height, width, data }));
}

/** Norms of the maps of structure, added edges and lost edges: three means, three fourth norms. */
function compared(reference: Plane, test: Plane): number[] {
  const { height, width } = reference;
  const blurred = (value: (at: number) => number) =>
    separable({ height, width, data: reference.data.map((_, at) => value(at)) }, blur, 'zero').data;
  const [a, b] = [reference.data, test.data];
  const [meanA, meanB] = [reference, test].map((plane) => separable(plane, blur, 'zero').data);
  const squares = blurred((at) => a[at]! * a[at]! + b[at]! * b[at]!);
  const products = blurred((at) => a[at]! * b[at]!);
  const [structure, added, lost] = [new Norms(), new Norms(), new Norms()];
  for (let at = 0; at < a.length; at++) {
    const [m, n] = [meanA![at]!, meanB![at]!];
    const luminance = 1 - (m - n) ** 2;
    const covariance = products[at]! - m * n;
    const variances = squares[at]! - (m * m + n * n);
    structure.add(Math.max(0, 1 - (luminance * (2 * covariance + c2)) / (variances + c2)));
    const edge = (1 + Math.abs(b[at]! - n)) / (1 + Math.abs(a[at]! - m)) - 1;
    added.add(Math.max(0, edge));
    lost.add(Math.max(0, -edge));
  }
  const maps = [structure, added, lost];
  return [...maps.map(({ mean }) => mean), ...maps.map(({ fourth }) => fourth)];
}
