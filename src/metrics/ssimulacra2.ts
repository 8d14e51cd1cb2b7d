import { meanHalved, separable } from './filters.js';
import { pairMetric } from './metric.js';
import { linearLight, type Plane } from './planes.js';

const scaleCount = 6;
const smallestSide = 8;
const c2 = 0.0009;
/**
 * The impulse response of libjxl's recursive Gaussian of deviation 1.5 (Charalampidis 2016): three
 * cosines of a period of twenty pixels and its odd fractions, which end at five pixels.
 */
const halfBlur = [
  0.2646211054881985, 0.2129285920104222, 0.1093353727774603, 0.0360111146583644,
  0.00941436780965374,
];
const blur = Float64Array.from({ length: 9 }, (_, tap) => halfBlur[Math.abs(tap - 4)]!);
/** XYB: linear R, G and B mixed into the responses of long, middle and short cones. */
const absorbance = [
  [0.3, 0.622, 0.078],
  [0.23, 0.692, 0.078],
  [0.24342268924547819, 0.20476744424496821, 0.5518098665095535],
] as const;
const absorbanceBias = 0.0037930732552754493;

/**
 * SSIMULACRA 2.1 (Sneyers, Cloudinary, 2023): 100 for equal images, about 90 where no difference is
 * seen, 70 for high, 50 for medium and 30 for low quality; without a lower bound. In XYB, at up to
 * six scales halved in linear light, three maps are made: SSIM without the factor's denominator,
 * edges that the test has and the reference lacks, and the reverse. Means and fourth norms of these
 * 54 maps make a weighted sum, fitted to opinions on compressed images. Values are taken as sRGB.
 *
 * @example ssimulacra2.open({ border: 4 }).measure(restored, target)
 */
export const ssimulacra2 = pairMetric({
  name: 'ssimulacra2',
  title: 'structure and edges over six scales, fitted to opinions',
  judges: 'distortion',
  isDefault: false,
  colourSpaces: ['rgb'],
  direction: 'higher',
  range: [-Infinity, 100],
  unit: '',
  version: '1 (SSIMULACRA 2.1)',
  minimumSide: smallestSide,
  compute: (reference, test) => scoreOf(overScales(linearLight(reference), linearLight(test))),
});

/** Norms of the maps: per scale, per channel, those of three maps. */
function overScales(reference: readonly Plane[], test: readonly Plane[]) {
  const result: (readonly (readonly number[])[])[] = [];
  let [a, b] = [reference, test];
  for (let scale = 0; scale < scaleCount; scale++) {
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
  const offset = Math.cbrt(absorbanceBias);
  const response = (cone: number, at: number) => {
    const [r, g, b] = absorbance[cone]!;
    return (
      Math.cbrt(r * red!.data[at]! + g * green!.data[at]! + b * blue!.data[at]! + absorbanceBias) -
      offset
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

/**
 * Weights of the norms in SSIMULACRA 2.1, fitted by its author to the data sets CID22, TID2013,
 * KADID-10k and KonFiG-IQA: a row per scale, the finest first, for X, then for Y, then for B. Of a
 * row, the first three are for the means of the maps of structure, added and lost edges, the others
 * for their fourth norms.
 */
const scoreWeights = [
  0, 0.0007376606707406586, 0, 0, 0.0007793481682867309, 0, 0, 0.0004371155730107379, 0,
  1.1041726426657346, 0.00066284834129271, 0.00015231632783718752, 0, 0.0016406437456599754, 0,
  1.8422455520539298, 11.441172603757666, 0, 0.0007989109436015163, 0.000176816438078653, 0,
  1.8787594979546387, 10.94906990605142, 0, 0.0007289346991508072, 0.9677937080626833, 0,
  0.00014003424285435884, 0.9981766977854967, 0.00031949755934435053, 0.0004550992113792063, 0, 0,
  0.0013648766163243398, 0, 0, 0, 0, 0, 7.466890328078848, 0, 17.445833984131262,
  0.0006235601634041466, 0, 0, 6.683678146179332, 0.00037724407979611296, 1.027889937768264,
  225.20515300849274, 0, 0, 19.213238186143016, 0.0011401524586618361, 0.001237755635509985,
  176.39317598450694, 0, 0, 24.43300999870476, 0.28520802612117757, 0.0004485436923833408, 0, 0, 0,
  34.77906344483772, 44.835625328877896, 0, 0, 0, 0, 0, 0, 0, 0, 0.0008680556573291698, 0, 0, 0, 0,
  0, 0.0005313191874358747, 0, 0.00016533814161379112, 0, 0, 0, 0, 0, 0.0004179171803251336,
  0.0017290828234722833, 0, 0.0020827005846636437, 0, 0, 8.826982764996862, 23.19243343998926, 0,
  95.1080498811086, 0.9863978034400682, 0.9834382792465353, 0.0012286405048278493,
  171.2667255897307, 0.9807858872435379, 0, 0, 0, 0.0005130064588990679, 0, 0.00010854057858411537,
];
/** The sum is scaled, passes this cubic, and is taken from 100 by a power. */
const scoreScale = 0.9562382616834844;
const scoreCubic = [2.326765642916932, -0.020884521182843837, 6.248496625763138e-5] as const;
const scoreFactor = 10;
const scoreExponent = 0.6276336467831387;

/** The mean of non-negative values and the fourth root of the mean of their fourth powers. */
class Norms {
  #sum = 0;
  #fourth = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    this.#fourth += (value * value) ** 2;
    this.#count++;
  }

  get mean(): number {
    return this.#sum / this.#count;
  }

  get fourth(): number {
    return Math.sqrt(Math.sqrt(this.#fourth / this.#count));
  }
}

/**
 * The score of the norms of all maps.
 * @param norms per scale, per channel X, Y and B: as many numbers as a row of weights, in its order.
 * Where an image is too small for all six scales, weights are taken one after another as they come,
 * as the reference program does, not those of the scales that are there.
 */
function scoreOf(norms: readonly (readonly (readonly number[])[])[]): number {
  const values = [0, 1, 2].flatMap((channel) => norms.flatMap((each) => each[channel]!));
  const sum =
    scoreScale *
    values.reduce((total, value, position) => total + scoreWeights[position]! * value, 0);
  const distance = scoreCubic[0] * sum + scoreCubic[1] * sum ** 2 + scoreCubic[2] * sum ** 3;
  if (Number.isNaN(distance)) return Number.NaN;
  return distance > 0 ? 100 - scoreFactor * distance ** scoreExponent : 100;
}
