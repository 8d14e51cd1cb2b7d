import { add, input, mul, ParameterScope } from '../../graph/index.js';
import type { Network } from '../../networks/network.js';
import { buildDenoiser } from '../../networks/roles.js';
import { ParameterError } from '../../tensor/errors.js';
import { fillNormal } from '../../tensor/random.js';
import { tensor } from '../../tensor/tensor.js';
import { randomCrop } from '../crops.js';
import { buildLoss } from '../losses.js';
import type { DenoiserRecipe } from '../recipe.js';
import { drawBetween } from './draws.js';
import type { TrainingDefinition } from './kind.js';
import { levelWeight } from './level-weight.js';

/** Training of a Gaussian denoiser that knows the noise level. */
export function defineDenoiser(
  recipe: DenoiserRecipe,
  network: Network,
  config: unknown,
): TrainingDefinition {
  const { batch, crop, seed } = recipe;
  const { minimum, maximum, law } = recipe.sigma;
  if (minimum > maximum || (law === 'log-uniform' && minimum === 0))
    throw new ParameterError('sigma', 'minimum <= maximum, and above 0 for log-uniform', [
      minimum,
      maximum,
    ]);
  const scope = new ParameterScope();
  const image = [batch, 3, crop, crop];
  const target = input('target', image);
  const noise = input('noise', image);
  const sigma = input('sigma', [batch, 1, 1, 1]);
  const weight = input('weight', [batch, 1, 1, 1]);
  const noisy = add(target, mul(noise, sigma));
  const estimate = buildDenoiser(network, config, scope, noisy, sigma);
  return {
    loss: buildLoss(recipe.loss, estimate, target, weight),
    trained: scope.declared(),
    frozen: new Map(),
    batch: async (photographs, step) => {
      const clean = tensor(image);
      const deviates = tensor(image);
      const levels = new Float32Array(batch);
      const plane = 3 * crop * crop;
      for (let sample = 0; sample < batch; sample += 1) {
        const place = { seed, step, sample };
        const part = clean.data.subarray(sample * plane, (sample + 1) * plane);
        await randomCrop(photographs, place, crop, part);
        levels[sample] = drawBetween(place, minimum, maximum, law);
      }
      fillNormal(deviates.data, seed, step, 0);
      return {
        target: clean,
        noise: deviates,
        sigma: tensor([batch, 1, 1, 1], levels),
        weight: tensor(
          [batch, 1, 1, 1],
          levels.map((level) => levelWeight(level)),
        ),
      };
    },
  };
}
