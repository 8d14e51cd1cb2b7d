import { ParameterError } from '../../../tensor/errors.js';
import type { Tensor } from '../../../tensor/tensor.js';
import { BLOCK_SIZE, blockFeatures, FEATURES } from './block-features.js';
import { multivariateOf } from './multivariate.js';
import type { NaturalScenes } from './natural-scenes.js';
import { niqePlane } from './niqe.js';

/** Of a picture, blocks with this share of its greatest sharpness are taken. */
const sharpShare = 0.75;

/** What is said of a fit. */
export interface FitSettings {
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
