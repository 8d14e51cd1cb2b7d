import { input } from '../../graph/index.js';
import { buildRestorer } from '../../networks/roles.js';
import { ParameterError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { allFinite } from '../finite.js';
import { cutTile } from '../tiling.js';
import type { DegradedInput, InputKind } from './input-kind.js';

/** One sRGB picture, restored in sRGB. */
export const pictureKind: InputKind = {
  name: 'picture',
  cell: 1,
  margin: 16,
  ramp: 32,
  takesOnnx: true,
  build: ({ network, config }, scope, height, width) =>
    buildRestorer(network, config, scope, input('degraded', [1, 3, height, width])),
};

/**
 * A picture [3, H, W] in [0, 1].
 * @throws ParameterError for another shape or values that are not finite.
 */
export function pictureInput(picture: Tensor): DegradedInput {
  const [channels, height, width] = picture.shape as [number, number, number];
  if (picture.shape.length !== 3 || channels !== 3 || height < 1 || width < 1)
    throw new ParameterError('picture', 'the shape [3, height, width]', picture.shape);
  if (!allFinite(picture.data))
    throw new ParameterError('picture', 'finite values', 'NaN or infinity');
  return {
    height,
    width,
    heldBytes: picture.data.byteLength,
    cut: (tile) => cutTile(picture.data, [channels, height, width], tile),
    finish: (output) => output,
  };
}
