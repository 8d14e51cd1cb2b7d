import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { outputScale } from '../../networks/network.js';
import { buildRestorer } from '../../networks/roles.js';
import type { Tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { centre, inBytes } from './samples.js';
import type { TrainingTask } from './task.js';

/** Low-resolution pixels around a crop, so that its reduction equals that of the whole photograph. */
const MARGIN = 2;

/**
 * Super-resolution of images that were reduced bicubically and rounded to 8 bits.
 * @throws ParameterError where the crop cannot be reduced by the scale.
 */
export function superResolution(recipe: {
  readonly scale: number;
  readonly crop: number;
}): TrainingTask {
  const { scale, crop } = recipe;
  if (crop % scale !== 0) throw new ParameterError('crop', `a multiple of scale ${scale}`, crop);
  const small = crop / scale;
  return {
    scale,
    margin: MARGIN * scale,
    leastMargin: 0,
    input: { name: 'low', shape: [3, small, small] },
    extras: [],
    // 28 dB, of an image enlarged by 4.
    restoredError: 1.5e-3,
    restore: (network, config, scope, input) => {
      const own = outputScale(network, config);
      if (own !== scale) throw new ParameterError('scale', `the network's own ${own}`, scale);
      return { estimate: buildRestorer(network, config, scope, input) };
    },
    degrade: (image) => ({
      input: centre(reduced(image, scale), small),
      target: centre(image, crop),
    }),
    toImage: (values) => values,
    shown: ({ input }) => input,
  };
}

/** An image reduced by antialiased bicubic interpolation and rounded to 8 bits. */
export function reduced(image: Tensor, scale: number): Tensor {
  return inBytes(scale === 1 ? image : resizeBicubic(image, { scale: 1 / scale }));
}
