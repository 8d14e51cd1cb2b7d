import { z } from 'zod';
import type { Tensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import { sha256Of } from '../utils/sha256.js';
import type { MetricSettings, PixelScore } from './metric.js';
import { BLOCK_SIZE, blockFeatures, FEATURES } from './niqe-features.js';
import { noReferenceMetrics } from './no-reference.js';
import { checkBorder, finiteScore, type Plane, planesOf, withoutBorder } from './planes.js';

/**
 * The Natural Image Quality Evaluator (Mittal, Soundararajan and Bovik, "Making a Completely Blind
 * Image Quality Analyzer", 2013): the distance between the distribution of an image's block
 * features and that of natural scenes,
 * sqrt((m1 - m2)^T pinv((S1 + S2) / 2) (m1 - m2)); lower is more natural. The second metric is how
 * far the distance is from that of the reference.
 *
 * It reads MATLAB's luma rounded to whole numbers, in blocks of 96 x 96 pixels at full size and
 * at half size by antialiased bicubic interpolation. Blocks without texture, whose distributions
 * cannot be fitted, are skipped. Scores of different natural scenes cannot be compared: the
 * version names them.
 */
export const [niqe, niqeDelta] = noReferenceMetrics({
  name: 'niqe',
  title: 'distance from natural scenes, without reference',
  difference: { name: 'niqe-delta', title: 'difference of NIQE from that of the target' },
  isDefault: true,
  colourSpaces: ['luma'],
  open: async (settings, resources) => openNiqe(await resources.naturalScenes(), settings),
});

/**
 * NIQE against given natural scenes.
 * @throws ParameterError for a border that is not a whole number of pixels.
 * @example openNiqe(await shippedNaturalScenes()).measure(restored)
 */
export function openNiqe(
  scenes: NaturalScenes,
  { border = 0 }: Pick<MetricSettings, 'border'> = {},
): PixelScore {
  checkBorder(border);
  return {
    name: 'niqe',
    input: 'image',
    direction: 'lower',
    range: [0, Infinity],
    unit: '',
    colourSpace: 'luma',
    border,
    version: `1 ${versionOf(scenes)}`,
    measure: (image) => distance(scenes, image, border),
  };
}

/** The rounded luma that NIQE reads. */
export function niqePlane(image: Tensor, border: number) {
  const [{ height, width, data }] = planesOf(withoutBorder('image', image, border), 'luma') as [
    Plane,
  ];
  finiteScore(data.reduce((sum, value) => sum + value, 0));
  return { height, width, plane: data.map(Math.round) };
}

function distance(scenes: NaturalScenes, image: Tensor, border: number): number {
  const { height, width, plane } = niqePlane(image, border);
  const vectors = blockFeatures(plane, height, width).flatMap(({ features }) => features ?? []);
  if (vectors.length < 2)
    throw new ParameterError(
      'image',
      `at least two blocks of ${BLOCK_SIZE} x ${BLOCK_SIZE} pixels with texture inside the border`,
      image.shape,
    );
  const own = multivariateOf(vectors);
  const difference = scenes.mean.map((value, index) => value - own.mean[index]!);
  const { values, vectors: axes } = symmetricEigen(
    scenes.covariance.map((row, r) => row.map((value, c) => (value + own.covariance[r]![c]!) / 2)),
  );
  const tolerance = values.length * Number.EPSILON * Math.max(...values);
  const square = values.reduce((sum, value, index) => {
    if (value <= tolerance) return sum;
    const along = axes[index]!.reduce(
      (dot, entry, position) => dot + entry * difference[position]!,
      0,
    );
    return sum + along ** 2 / value;
  }, 0);
  return finiteScore(Math.sqrt(square));
}

/** The distribution of the features of natural scenes that NIQE compares with. */
export interface NaturalScenes extends Multivariate {
  readonly name: string;
  /** On what it was fitted and who may use it. */
  readonly provenance?: string;
  /** How many blocks it was fitted on. */
  readonly blocks?: number;
}

const finiteNumber = z.number().refine(Number.isFinite, 'expected a finite number');

const naturalScenesSchema = z.object({
  format: z.literal('dp-ir-niqe').optional(),
  version: z.literal(1).optional(),
  name: z.string().min(1).optional(),
  provenance: z.string().optional(),
  blocks: z.int().positive().optional(),
  mean: z.array(finiteNumber).length(FEATURES),
  covariance: z.array(z.array(finiteNumber)).length(FEATURES),
});

/**
 * Natural scenes from JSON: `mean`, 36 numbers, and `covariance`, 36 rows, either whole or only up
 * to the diagonal; `name`, `provenance` and `blocks` are optional. The order is that of the
 * published parameters: for full size, then half size, shape and scale of the coefficients, then
 * shape, mean, left and right scale of the products to the right, below and on both diagonals. A
 * published `mu_prisparam` and `cov_prisparam` therefore are `mean` and `covariance` as they are.
 * @param name what messages call the file, and the scenes where they have no name.
 * @throws ModelError where something is missing, too long or not finite, or where the covariance is
 * not symmetric or has a negative variance.
 */
export function parseNaturalScenes(json: unknown, name: string): NaturalScenes {
  const result = naturalScenesSchema.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw new ModelError(
      name,
      `holds no parameters of NIQE: ${issue.path.join('.')}: ${issue.message}`,
    );
  }
  const { mean, covariance: rows, provenance, blocks } = result.data;
  const isWhole = rows.every(({ length }) => length === FEATURES);
  if (!isWhole && rows.some(({ length }, index) => length !== index + 1))
    throw new ModelError(name, 'has a covariance that is neither whole nor up to its diagonal', {
      expected: `${FEATURES} rows of ${FEATURES} numbers, or of 1 to ${FEATURES}`,
      received: `rows of ${rows.map(({ length }) => length).join(', ')}`,
    });
  const covariance = rows.map((row, r) => rows.map((_, c) => (c <= r ? row[c]! : rows[c]![r]!)));
  if (isWhole && rows.some((row, r) => row.some((value, c) => !isClose(value, covariance[r]![c]!))))
    throw new ModelError(name, 'has a covariance that is not symmetric');
  if (covariance.some((row, index) => row[index]! < 0))
    throw new ModelError(name, 'has a covariance with a negative variance');
  return {
    name: result.data.name ?? name,
    mean,
    covariance,
    ...(provenance === undefined ? {} : { provenance }),
    ...(blocks === undefined ? {} : { blocks }),
  };
}

/** Natural scenes as JSON that `parseNaturalScenes` reads, rounded to nine digits. */
export function encodeNaturalScenes(scenes: NaturalScenes): string {
  const { name, provenance, blocks, mean, covariance } = scenes;
  const numbers = (values: readonly number[]) => `[${values.map(rounded).join(', ')}]`;
  const head = { format: 'dp-ir-niqe', version: 1, name, provenance, blocks };
  const entries = Object.entries(head).filter(([, value]) => value !== undefined);
  return [
    '{',
    ...entries.map(([key, value]) => `  "${key}": ${JSON.stringify(value)},`),
    `  "mean": ${numbers(mean)},`,
    '  "covariance": [',
    covariance.map((row, index) => `    ${numbers(row.slice(0, index + 1))}`).join(',\n'),
    '  ]',
    '}\n',
  ].join('\n');
}

/** Name and fingerprint: equal for scenes that give the same scores. */
export function versionOf({ name, mean, covariance }: NaturalScenes): string {
  const numbers = Float64Array.from([...mean, ...covariance.flat()], rounded);
  return `${name} ${sha256Of(new Uint8Array(numbers.buffer)).slice(0, 8)}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(9));
}

/** Equal up to what printing and reading again may change. */
function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b), 1e-12);
}

/** Of an image, blocks with this share of its greatest sharpness are taken. */
const sharpShare = 0.75;

/** Facts about a fit. */
interface FitSettings {
  readonly name: string;
  readonly provenance?: string;
}

/**
 * Fits the natural scenes of NIQE on undistorted photographs, as they come: of each, the features
 * of the blocks whose sharpness is above 0.75 of the sharpest one's; then mean and covariance over
 * all of them (Mittal et al. 2013, section II).
 * @param photographs [3, H, W] R G B in [0, 1]; those smaller than a block give nothing.
 * @throws ParameterError where they have too few sharp blocks for a covariance of full rank.
 */
export async function fitNaturalScenes(
  photographs: AsyncIterable<Tensor> | Iterable<Tensor>,
  { name, provenance }: FitSettings,
): Promise<NaturalScenes> {
  const vectors: Float64Array[] = [];
  for await (const photograph of photographs) vectors.push(...sharpBlocks(photograph));
  if (vectors.length <= FEATURES)
    throw new ParameterError(
      'photographs',
      `more than ${FEATURES} sharp blocks of ${BLOCK_SIZE} x ${BLOCK_SIZE} pixels`,
      vectors.length,
    );
  return {
    name,
    ...(provenance === undefined ? {} : { provenance }),
    blocks: vectors.length,
    ...multivariateOf(vectors),
  };
}

function sharpBlocks(photograph: Tensor): Float64Array[] {
  const { height, width, plane } = niqePlane(photograph, 0);
  if (Math.min(height, width) < BLOCK_SIZE) return [];
  const blocks = blockFeatures(plane, height, width);
  const threshold = sharpShare * Math.max(...blocks.map(({ sharpness }) => sharpness));
  return blocks
    .filter(({ sharpness }) => sharpness > threshold)
    .flatMap(({ features }) => features ?? []);
}

/** Mean and covariance of feature vectors. */
interface Multivariate {
  readonly mean: readonly number[];
  /** Symmetric, row by row. */
  readonly covariance: readonly (readonly number[])[];
}

/** The sample mean and covariance (divided by n - 1) of at least two vectors of one length. */
function multivariateOf(vectors: readonly Float64Array[]): Multivariate {
  const length = vectors[0]!.length;
  const mean = Array.from(
    { length },
    (_, index) => vectors.reduce((sum, vector) => sum + vector[index]!, 0) / vectors.length,
  );
  const covariance = Array.from({ length }, () => new Array<number>(length).fill(0));
  const centred = new Float64Array(length);
  for (const vector of vectors) {
    for (let index = 0; index < length; index++) centred[index] = vector[index]! - mean[index]!;
    for (let row = 0; row < length; row++)
      for (let column = 0; column <= row; column++)
        covariance[row]![column]! += centred[row]! * centred[column]!;
  }
  for (let row = 0; row < length; row++)
    for (let column = 0; column <= row; column++) {
      covariance[row]![column]! /= vectors.length - 1;
      covariance[column]![row] = covariance[row]![column]!;
    }
  return { mean, covariance };
}

/** Eigenvalues and the matching orthonormal eigenvectors, vector by vector. */
interface SymmetricEigen {
  readonly values: readonly number[];
  readonly vectors: readonly Float64Array[];
}

const maxSweeps = 60;

/** The eigen-decomposition of a symmetric matrix by Jacobi's cyclic rotations. */
export function symmetricEigen(matrix: readonly (readonly number[])[]): SymmetricEigen {
  const size = matrix.length;
  const a = matrix.map((row) => Float64Array.from(row));
  const vectors = a.map((_, index) => new Float64Array(size).fill(1, index, index + 1));
  for (let sweep = 0; sweep < maxSweeps && !isDiagonal(a); sweep++)
    for (let p = 0; p < size - 1; p++) for (let q = p + 1; q < size; q++) rotate(a, vectors, p, q);
  return { values: a.map((row, index) => row[index]!), vectors };
}

/** True where what lies beside the diagonal no longer changes it. */
function isDiagonal(a: readonly Float64Array[]): boolean {
  return a.every((row, index) =>
    row.every(
      (value, column) =>
        column === index ||
        Math.abs(value) <= 1e-18 * Math.sqrt(Math.abs(row[index]! * a[column]![column]!)),
    ),
  );
}

function rotate(a: Float64Array[], vectors: Float64Array[], p: number, q: number): void {
  const off = a[p]![q]!;
  if (off === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * off);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  for (const row of a) mix(row, row, p, q, cosine, sine);
  mixRows(a[p]!, a[q]!, cosine, sine);
  a[p]![q] = 0;
  a[q]![p] = 0;
  mixRows(vectors[p]!, vectors[q]!, cosine, sine);
}

function mix(
  first: Float64Array,
  second: Float64Array,
  p: number,
  q: number,
  cosine: number,
  sine: number,
): void {
  const [x, y] = [first[p]!, second[q]!];
  first[p] = cosine * x - sine * y;
  second[q] = sine * x + cosine * y;
}

function mixRows(first: Float64Array, second: Float64Array, cosine: number, sine: number): void {
  for (let index = 0; index < first.length; index++) mix(first, second, index, index, cosine, sine);
}
