import { z } from 'zod';
import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { outputScale } from '../../networks/network.js';
import { buildRestorer } from '../../networks/roles.js';
import type { Tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { centre, roundedToBytes } from './samples.js';
import type { TrainingTask, TrainingTaskDefinition } from './task.js';

/** Low-resolution pixels around a crop, so that its reduction equals that of the whole photograph. */
const MARGIN = 2;

const entries = {
  /** Reduction of the input by antialiased bicubic interpolation, rounded to 8 bits. */
  scale: z.int().min(1).max(8).default(4),
};

/** Training of super-resolution. */
export const superResolutionTraining = {
  entries,
  lossEntries: {},
  cacheSamples: 0,
  defaults: {
    restorer: {
      entries: { crop: 96, loss: 'l1', scale: 4 },
      network: 'compact-restorer',
      config: { features: 48, blocks: 8 },
    },
    fusion: { crop: 96, scale: 4, timesteps: { maximum: 250, law: 'log-uniform' } },
  },
  open: superResolution,
  cropSettings: ({ scale }) => ({ scale }),
} satisfies TrainingTaskDefinition<typeof entries>;

/**
 * Super-resolution of images that were reduced bicubically and rounded to 8 bits.
 * @throws ParameterError where the crop is not a multiple of the scale.
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
      const networkScale = outputScale(network, config);
      if (networkScale !== scale)
        throw new ParameterError('scale', `the network's own ${networkScale}`, scale);
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
  return roundedToBytes(scale === 1 ? image : resizeBicubic(image, { scale: 1 / scale }));
}
