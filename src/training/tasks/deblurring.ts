import { createDegradation } from '../../degradation/create-degradation.js';
import type { DegradationSettings } from '../../degradation/settings.js';
import { outputScale } from '../../networks/network.js';
import { buildRestorer } from '../../networks/roles.js';
import { ParameterError } from '../../utils/errors.js';
import { centre, inBytes } from './samples.js';
import type { TrainingTask } from './task.js';

/**
 * Restoration of degraded images at their own size: blurred by a degradation, or the blurred
 * halves of pairs from disk.
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
    degrade: (image, place) => {
      if (degradation === undefined)
        throw new ParameterError('degradation', 'settings, or a data set of pairs', undefined);
      return {
        input: centre(inBytes(degradation.apply(image, place)), crop),
        target: centre(image, crop),
      };
    },
    toImage: (values) => values,
    shown: ({ input }) => input,
  };
}
