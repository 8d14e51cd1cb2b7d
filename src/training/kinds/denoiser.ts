import { add, input, mul, ParameterScope } from '../../graph/index.js';
import type { ImageNetwork } from '../../networks/network.js';
import { buildDenoiser } from '../../networks/roles.js';
import { fillNormal } from '../../tensor/random.js';
import { tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { mapConcurrent } from '../../utils/map-concurrent.js';
import { type CustomParts, drawFrom } from '../custom-parts.js';
import type { TrainingDefinition } from '../definition.js';
import { buildObjective } from '../losses/reconstruction.js';
import { CONCURRENT_IMAGES, randomCrop } from '../photographs/crops.js';
import type { DenoiserRecipe } from '../recipe.js';
import { drawBetween, levelWeight } from './noise-levels.js';

/** Training of a Gaussian denoiser that knows the noise level. */
export function defineDenoiser(
  recipe: DenoiserRecipe,
  network: ImageNetwork,
  config: unknown,
  { dataset, loss }: CustomParts = {},
): TrainingDefinition {
  const { batch, crop, seed } = recipe;
  const { minimum, maximum, law } = recipe.sigma;
  if (minimum > maximum || (law === 'log-uniform' && minimum === 0))
    throw new ParameterError('sigma', 'minimum <= maximum, and above 0 for log-uniform', [
      minimum,
      maximum,
    ]);
  const scope = new ParameterScope();
  const shape = [batch, 3, crop, crop];
  const target = input('target', shape);
  const noise = input('noise', shape);
  const sigma = input('sigma', [batch, 1, 1, 1]);
  const weight = input('sampleWeight', [batch, 1, 1, 1]);
  const noisy = add(target, mul(noise, sigma));
  const estimate = buildDenoiser(network, config, scope, noisy, sigma);
  const plane = 3 * crop * crop;
  return {
    loss: buildObjective(recipe, { estimate, target, weight }, loss),
    estimate,
    trained: scope.declared(),
    frozen: new Map(),
    batch: async (photographs, step, batchPart = 0) => {
      const first = batchPart * batch;
      const clean = tensor(shape);
      const deviates = tensor(shape);
      const levels = new Float32Array(batch);
      const placeOf = (index: number) => ({ seed, step, sample: first + index });
      const partOf = (index: number) => clean.data.subarray(index * plane, (index + 1) * plane);
      if (dataset === undefined)
        await mapConcurrent(batch, CONCURRENT_IMAGES, (index) =>
          randomCrop(photographs, placeOf(index), crop, partOf(index)),
        );
      for (let index = 0; index < batch; index += 1) {
        const place = placeOf(index);
        if (dataset !== undefined)
          partOf(index).set((await drawFrom(dataset, { ...place, size: crop }, 1)).target.data);
        levels[index] = drawBetween(place, minimum, maximum, law);
      }
      fillNormal(deviates.data, seed, step, first * plane);
      return {
        target: clean,
        noise: deviates,
        sigma: tensor([batch, 1, 1, 1], levels),
        sampleWeight: tensor(
          [batch, 1, 1, 1],
          levels.map((level) => levelWeight(level, undefined, recipe.levelWeight)),
        ),
      };
    },
    levels: (recipe.validation?.sigmas ?? []).map((value) => ({ name: 'sigma', value })),
    probe: ({ target: image, seed: noiseSeed, index }, { value }) => {
      const deviates = tensor(shape);
      fillNormal(deviates.data, noiseSeed, index, 0);
      return {
        target: tensor(shape, image.data),
        noise: deviates,
        sigma: tensor([batch, 1, 1, 1], [value]),
      };
    },
    shown: ({ target: { shape, data }, seed: noiseSeed, index }, { value }) => {
      const noisy = tensor(shape);
      fillNormal(noisy.data, noiseSeed, index, 0);
      for (let i = 0; i < data.length; i += 1) noisy.data[i] = data[i]! + value * noisy.data[i]!;
      return noisy;
    },
  };
}
