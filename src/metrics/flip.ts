import type { Tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { alongColumns, alongRows, separable } from './filters.js';
import { type MetricSettings, pairMetric } from './metric.js';
import { linearLight, type Plane } from './planes.js';

/** On what FLIP is computed. */
export interface FlipSettings extends MetricSettings {
  /**
   * Pixels per degree of visual angle; default 67.02, that of a display 0.7 m wide and 3840 pixels
   * across at 0.7 m.
   */
  readonly pixelsPerDegree?: number;
}

const defaultPixelsPerDegree = (3840 * Math.PI) / 180;
/** Contrast sensitivity: sums of Gaussians a sqrt(pi / b) exp(-pi^2 x^2 / b), x in degrees. */
const sensitivities = [
  [{ a: 1, b: 0.0047 }],
  [{ a: 1, b: 0.0053 }],
  [
    { a: 34.1, b: 0.04 },
    { a: 13.5, b: 0.025 },
  ],
] as const;
/** Width of the edge detector from peak to trough, degrees. */
const detectorWidth = 0.082;
/** Exponents of differences of colour and of features. */
const colourExponent = 0.7;
const featureExponent = 0.5;
/** The share of the greatest difference of colour that is mapped to `kneeError`. */
const kneeShare = 0.4;
const kneeError = 0.95;

/**
 * LDR-FLIP (Andersson et al., "FLIP: A Difference Evaluator for Alternating Images", 2020): the mean
 * over pixels of the difference that somebody sees who flips between two images, 0 for equal ones.
 * Per pixel it is C^(1 - F). C is the HyAB distance, Hunt-adjusted and mapped to 0..1, of colours
 * filtered by the eye's contrast sensitivity in YCxCz. F is the greater difference of edge and point
 * strength in luminance. Edge pixels are repeated. Values are taken as sRGB and clamped to 0..1.
 *
 * @throws ParameterError for `border` or `pixelsPerDegree`.
 * @example flip.open({ pixelsPerDegree: 40 }).measure(restored, target)
 */
export const flip = pairMetric<FlipSettings>({
  name: 'flip',
  title: 'difference seen when flipping between images',
  judges: 'distortion',
  isDefault: false,
  colourSpaces: ['rgb'],
  direction: 'lower',
  range: [0, 1],
  unit: '',
  version: (settings) => `1 ${resolution(settings).toFixed(2)} pixels per degree`,
  compute: (reference, test, settings) => {
    const filters = filtersOf(resolution(settings));
    return meanDifference(appearanceOf(reference, filters), appearanceOf(test, filters));
  },
});

function resolution({ pixelsPerDegree = defaultPixelsPerDegree }: FlipSettings): number {
  if (!(pixelsPerDegree > 0 && pixelsPerDegree <= 1000))
    throw new ParameterError('pixelsPerDegree', 'a number in (0, 1000]', pixelsPerDegree);
  return pixelsPerDegree;
}

/** One-dimensional kernels for a viewing distance. */
interface Filters {
  /** Per channel of YCxCz, separable filters whose results are added with weights. */
  readonly sensitivity: readonly (readonly { readonly weight: number; taps: Float64Array }[])[];
  /** A Gaussian and its first and second derivatives, their halves of either sign summing to 1. */
  readonly smooth: Float64Array;
  readonly slope: Float64Array;
  readonly curvature: Float64Array;
}

/** What FLIP knows of an image at every pixel. */
interface Appearance {
  /** Filtered colour, Hunt-adjusted L*a*b*. */
  readonly colour: readonly Float64Array[];
  readonly edges: Float64Array;
  readonly points: Float64Array;
}

function filtersOf(pixelsPerDegree: number): Filters {
  const widest = Math.sqrt(0.04 / (2 * Math.PI ** 2));
  const radius = Math.ceil(3 * widest * pixelsPerDegree);
  const deviation = (detectorWidth / 2) * pixelsPerDegree;
  const reach = Math.ceil(3 * deviation);
  const gaussian = (x: number) => Math.exp(-(x ** 2) / (2 * deviation ** 2));
  return {
    sensitivity: sensitivities.map((terms) => sensitivityFilters(terms, radius, pixelsPerDegree)),
    smooth: balanced(kernel(reach, gaussian)),
    slope: balanced(kernel(reach, (x) => x * gaussian(x))),
    curvature: balanced(kernel(reach, (x) => ((x / deviation) ** 2 - 1) * gaussian(x))),
  };
}

function sensitivityFilters(
  terms: readonly { readonly a: number; readonly b: number }[],
  radius: number,
  pixelsPerDegree: number,
) {
  const parts = terms.map(({ a, b }) => {
    const taps = kernel(radius, (x) =>
      Math.exp((-(Math.PI ** 2) * (x / pixelsPerDegree) ** 2) / b),
    );
    // The sum over the square that the taps span.
    return { taps, share: a * Math.sqrt(Math.PI / b) * sumOf(taps) ** 2 };
  });
  const total = parts.reduce((sum, { share }) => sum + share, 0);
  return parts.map(({ taps, share }) => ({ weight: share / total, taps: balanced(taps) }));
}

function kernel(radius: number, value: (x: number) => number): Float64Array {
  return Float64Array.from({ length: 2 * radius + 1 }, (_, tap) => value(tap - radius));
}

/** Taps of which the positive sum to 1 and the negative, if any, to -1. */
function balanced(taps: Float64Array): Float64Array {
  const positive = sumOf(taps.map((tap) => Math.max(0, tap)));
  const negative = sumOf(taps.map((tap) => Math.max(0, -tap)));
  return taps.map((tap) => (tap > 0 ? tap / positive : tap < 0 ? tap / negative : 0));
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function appearanceOf(image: Tensor, filters: Filters): Appearance {
  const [, height, width] = image.shape as [number, number, number];
  const pixels = height * width;
  const [red, green, blue] = linearLight(image);
  const opponent = [0, 1, 2].map(() => new Float64Array(pixels));
  for (let at = 0; at < pixels; at++)
    store(opponent, at, yCxCz(red!.data[at]!, green!.data[at]!, blue!.data[at]!));
  const colour = opponent.map((plane, channel) =>
    filtered({ height, width, data: plane }, filters.sensitivity[channel]!),
  );
  for (let at = 0; at < pixels; at++) {
    const [r, g, b] = linearOfYCxCz(colour[0]![at]!, colour[1]![at]!, colour[2]![at]!);
    store(colour, at, hunted(clamped(r), clamped(g), clamped(b)));
  }
  const luminance = opponent[0]!.map((value) => (value + 16) / 116);
  return { colour, ...features({ height, width, data: luminance }, filters) };
}

function store(planes: readonly Float64Array[], at: number, [x, y, z]: Triple): void {
  planes[0]![at] = x;
  planes[1]![at] = y;
  planes[2]![at] = z;
}

/** Within 0..1; NaN stays, so that it does not pass for a score. */
function clamped(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function filtered(plane: Plane, filters: Filters['sensitivity'][number]): Float64Array {
  const sum = new Float64Array(plane.data.length);
  for (const { weight, taps } of filters) {
    const { data } = separable(plane, taps);
    for (let at = 0; at < sum.length; at++) sum[at]! += weight * data[at]!;
  }
  return sum;
}

/** Strengths of edges and points: gradients, and second derivatives along both axes. */
function features(plane: Plane, { smooth, slope, curvature }: Filters) {
  const magnitudes = (derivative: Float64Array) => {
    const across = alongColumns(alongRows(plane, derivative), smooth).data;
    const down = alongColumns(alongRows(plane, smooth), derivative).data;
    return across.map((value, at) => Math.sqrt(value ** 2 + down[at]! ** 2));
  };
  return { edges: magnitudes(slope), points: magnitudes(curvature) };
}

function meanDifference(a: Appearance, b: Appearance): number {
  const greatest = hyab(hunted(0, 1, 0), hunted(0, 0, 1)) ** colourExponent;
  const knee = kneeShare * greatest;
  let sum = 0;
  const pixels = a.edges.length;
  for (let at = 0; at < pixels; at++) {
    const difference = hyab(colourAt(a, at), colourAt(b, at)) ** colourExponent;
    const colour =
      difference < knee
        ? (kneeError / knee) * difference
        : kneeError + ((difference - knee) / (greatest - knee)) * (1 - kneeError);
    const edges = Math.abs(a.edges[at]! - b.edges[at]!);
    const points = Math.abs(a.points[at]! - b.points[at]!);
    const feature = (Math.max(edges, points) / Math.SQRT2) ** featureExponent;
    sum += colour ** (1 - feature);
  }
  return sum / pixels;
}

function colourAt({ colour }: Appearance, at: number): Triple {
  return [colour[0]![at]!, colour[1]![at]!, colour[2]![at]!];
}

/** A distance of colours: city block in lightness, Euclidean in the other two. */
function hyab(a: Triple, b: Triple): number {
  return Math.abs(a[0] - b[0]) + Math.sqrt((a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2);
}

/** Three coordinates of a colour. */
export type Triple = readonly [number, number, number];

/** CIE X, Y and Z of linear R, G and B with sRGB primaries, in the exact fractions of FLIP. */
const toXyz = [
  [10135552 / 24577794, 8788810 / 24577794, 4435075 / 24577794],
  [2613072 / 12288897, 8788810 / 12288897, 887015 / 12288897],
  [1425312 / 73733382, 8788810 / 73733382, 70074185 / 73733382],
] as const;
const fromXyz = [
  [3.241003275, -1.537398934, -0.498615861],
  [-0.969224334, 1.875930071, 0.041554224],
  [0.055639423, -0.204011202, 1.057148933],
] as const;
/** X and Z of the white D65, and their inverses. */
const whitePoint = { x: 0.950428545, z: 1.088900371 };
const inverseWhite = { x: 1.052156925, z: 0.91835767 };
/** Where the cube root of L*a*b* gives way to a line. */
const labDelta = 6 / 29;

/**
 * YCxCz of linear R, G and B: L*a*b* without its cube root, so that averages of colours are averages
 * of light.
 */
function yCxCz(r: number, g: number, b: number): Triple {
  const [x, y, z] = relativeXyz(r, g, b);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Linear R, G and B of a colour in YCxCz. */
function linearOfYCxCz(luminance: number, cx: number, cz: number): Triple {
  const y = (luminance + 16) / 116;
  return product(fromXyz, (y + cx / 500) * whitePoint.x, y, (y - cz / 200) * whitePoint.z);
}

/**
 * L*a*b* of linear R, G and B, its a* and b* times L* / 100: colours differ the less the darker
 * they are (Hunt).
 */
function hunted(r: number, g: number, b: number): Triple {
  const [x, y, z] = relativeXyz(r, g, b);
  const [fx, fy, fz] = [compressed(x), compressed(y), compressed(z)];
  const lightness = 116 * fy - 16;
  return [lightness, 0.01 * lightness * 500 * (fx - fy), 0.01 * lightness * 200 * (fy - fz)];
}

/** X, Y and Z relative to white. */
function relativeXyz(r: number, g: number, b: number): Triple {
  const [x, y, z] = product(toXyz, r, g, b);
  return [x * inverseWhite.x, y, z * inverseWhite.z];
}

function product(matrix: readonly Triple[], a: number, b: number, c: number): Triple {
  const [first, second, third] = matrix as [Triple, Triple, Triple];
  return [
    first[0] * a + first[1] * b + first[2] * c,
    second[0] * a + second[1] * b + second[2] * c,
    third[0] * a + third[1] * b + third[2] * c,
  ];
}

function compressed(value: number): number {
  return value > labDelta ** 3 ? Math.cbrt(value) : value / (3 * labDelta ** 2) + 4 / 29;
}
