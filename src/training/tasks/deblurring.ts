import { z } from 'zod';
import { createDegradation } from '../../degradation/create-degradation.js';
import { type DegradationSettings, degradationSchema } from '../../degradation/settings.js';
import { outputScale } from '../../networks/network.js';
import { buildRestorer } from '../../networks/roles.js';
import { ParameterError } from '../../utils/errors.js';
import { centre, roundedToBytes } from './samples.js';
import type { TrainingTask, TrainingTaskDefinition } from './task.js';

/** One of the two is given. */
const entries = {
  /** The blur that is applied to the photographs. */
  degradation: degradationSchema.optional(),
  /** Folder of blurred and sharp images in pairs, which replace the photographs of `data`. */
  pairs: z.string().min(1).optional(),
};

/** Motion blur of a hand-held camera, with noise from below 8 bits to that of dim light. */
const usualBlur: z.input<typeof degradationSchema> = {
  kind: 'motion-blur',
  strength: 'medium',
  noise: { shot: { minimum: 1e-8, maximum: 2e-4 }, read: { minimum: 1e-10, maximum: 1e-6 } },
};

/** Training of deblurring. */
export const deblurringTraining = {
  entries,
  lossEntries: {},
  cacheSamples: 1024,
  defaults: {
    restorer: {
      // Crops as large as the windows in which the network estimates the blur.
      entries: { batch: 4, crop: 256, learningRate: 5e-4, clip: 0.3, loss: 'charbonnier' },
      network: 'deconvolution-unet',
      config: { widths: [64, 128, 192], blocks: 2, middle: 4 },
    },
    fusion: { batch: 2, crop: 256, timesteps: { maximum: 60, law: 'log-uniform' } },
  },
  complete: (entries) => {
    const { data, pairs, degradation } = entries;
    if (pairs === undefined) return { ...entries, degradation: degradation ?? usualBlur };
    if (degradation !== undefined)
      throw new ParameterError('recipe.degradation', 'nothing beside pairs', degradation);
    return { ...entries, data: data ?? pairs };
  },
  open: deblurring,
  cropSettings: ({ degradation }) => ({ degradation: degradation ?? 'pairs' }),
} satisfies TrainingTaskDefinition<typeof entries>;

/**
 * Restoration of degraded images at their own size: blurred by a degradation, or the blurred
 * images of pairs from disk.
 * @throws ParameterError where the degradation changes the size.
 */
export function deblurring(recipe: {
  readonly crop: number;
  readonly degradation?: DegradationSettings | undefined;
}): TrainingTask {
  const { crop } = recipe;
  const degradation =
    recipe.degradation === undefined ? undefined : createDegradation(recipe.degradation);
  if (degradation !== undefined && degradation.scale !== 1)
    throw new ParameterError('degradation', 'one that keeps the size', degradation.name);
  const margin = degradation?.margin ?? 0;
  return {
    scale: 1,
    margin,
    leastMargin: margin,
    input: { name: 'degraded', shape: [3, crop, crop] },
    extras: [],
    // 30 dB.
    restoredError: 1e-3,
    restore: (network, config, scope, input) => {
      if (outputScale(network, config) !== 1)
        throw new ParameterError('network', 'one that keeps the size', network.name);
      return { estimate: buildRestorer(network, config, scope, input) };
    },
    degrade: (image, key) => {
      if (degradation === undefined)
        throw new ParameterError('degradation', 'settings, or a data set of pairs', undefined);
      return {
        input: centre(roundedToBytes(degradation.apply(image, key)), crop),
        target: centre(image, crop),
      };
    },
    toImage: (values) => values,
    shown: ({ input }) => input,
  };
}
