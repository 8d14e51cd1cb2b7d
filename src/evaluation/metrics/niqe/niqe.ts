import { ParameterError } from '../../../tensor/errors.js';
import type { Tensor } from '../../../tensor/tensor.js';
import type { BlindMetric, Metric } from '../metric.js';
import { checkBorder, numeric, planesOf } from '../planes.js';
import { BLOCK_SIZE, blockFeatures } from './block-features.js';
import { multivariateOf } from './multivariate.js';
import { type NaturalScenes, versionOf } from './natural-scenes.js';
import { symmetricEigen } from './symmetric-eigen.js';

/** On what NIQE is computed. */
export interface NiqeSettings {
  readonly border?: number;
}

/**
 * The Natural Image Quality Evaluator (Mittal, Soundararajan and Bovik, "Making a Completely Blind
 * Image Quality Analyzer", 2013): the distance between the distribution of a picture's block
 * features and that of natural scenes,
 * sqrt((m1 - m2)^T pinv((S1 + S2) / 2) (m1 - m2)); lower is more natural.
 *
 * It looks at MATLAB's luma rounded to whole numbers, in blocks of 96 x 96 pixels at full size and
 * at half size by antialiased bicubic interpolation. Blocks without texture, whose distributions
 * cannot be fitted, are left out. Figures of different natural scenes cannot be compared: the
 * version names them.
 *
 * @example niqe(await shippedNaturalScenes()).compute(restored)
 */
export function niqe(scenes: NaturalScenes, { border = 0 }: NiqeSettings = {}): BlindMetric {
  checkBorder(border);
  return {
    name: 'niqe',
    direction: 'lower',
    range: [0, Infinity],
    unit: '',
    colourSpace: 'luma',
    border,
    version: `1 ${versionOf(scenes)}`,
    compute: (picture) => distance(scenes, picture, border),
  };
}

/** |NIQE(test) - NIQE(reference)|: how far a picture is from its target in naturalness. */
export function niqeDelta(scenes: NaturalScenes, settings: NiqeSettings = {}): Metric {
  const blind = niqe(scenes, settings);
  return {
    ...blind,
    name: 'niqe-delta',
    compute: (reference, test) => Math.abs(blind.compute(test) - blind.compute(reference)),
  };
}

/** The rounded luma that NIQE looks at. */
export function niqePlane(picture: Tensor, border: number) {
  const { height, width, planes } = planesOf('picture', picture, 'luma', border);
  numeric(planes[0]!.reduce((sum, value) => sum + value, 0));
  return { height, width, plane: planes[0]!.map(Math.round) };
}

function distance(scenes: NaturalScenes, picture: Tensor, border: number): number {
  const { height, width, plane } = niqePlane(picture, border);
  const vectors = blockFeatures(plane, height, width).flatMap(({ features }) => features ?? []);
  if (vectors.length < 2)
    throw new ParameterError(
      'picture',
      `at least two blocks of ${BLOCK_SIZE} x ${BLOCK_SIZE} pixels with texture inside the border`,
      picture.shape,
    );
  const own = multivariateOf(vectors);
  const difference = scenes.mean.map((value, index) => value - own.mean[index]!);
  const { values, vectors: axes } = symmetricEigen(
    scenes.covariance.map((row, r) => row.map((value, c) => (value + own.covariance[r]![c]!) / 2)),
  );
  const tolerance = values.length * Number.EPSILON * Math.max(...values);
  const square = values.reduce((sum, value, index) => {
    if (value <= tolerance) return sum;
    const along = axes[index]!.reduce((dot, entry, place) => dot + entry * difference[place]!, 0);
    return sum + along ** 2 / value;
  }, 0);
  return numeric(Math.sqrt(square));
}
