import type { Module } from '../../checkpoints/module-file.js';
import { createSchedule } from '../../diffusion/index.js';
import { add, input, mul, ParameterScope } from '../../graph/index.js';
import type { Network } from '../../networks/network.js';
import { buildDenoiser, buildRestorer } from '../../networks/roles.js';
import { ParameterError } from '../../tensor/errors.js';
import { fillNormal } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { buildLoss } from '../losses.js';
import type { FusionRecipe } from '../recipe.js';
import { reducedPairs } from './degrade.js';
import { drawBetween } from './draws.js';
import type { TrainingDefinition } from './kind.js';
import { levelWeight } from './level-weight.js';

/** Mean squared error to be expected of a picture enlarged by 4: 28 dB. */
const RESTORED_ERROR = 1.5e-3;

/**
 * Training of a fusion network between a frozen restorer and a frozen denoiser: the loss between
 * F(IR(y), D(x0 + s_t noise, s_t), t) and x0 (section 3 of the paper).
 */
export function defineFusion(
  recipe: FusionRecipe,
  network: Network,
  config: unknown,
  modules: { readonly restorer: Module; readonly denoiser: Module },
): TrainingDefinition {
  const { batch, crop, scale, seed } = recipe;
  if (crop % scale !== 0) throw new ParameterError('crop', `a multiple of scale ${scale}`, crop);
  const { restorer, denoiser } = modules;
  requireFusion(network, config);
  const enlargement = restorer.network.scale(restorer.config);
  if (enlargement !== scale)
    throw new ParameterError('scale', `the restorer's own ${enlargement}`, scale);
  const frozenScope = new ParameterScope();
  const scope = new ParameterScope();
  const low = input('low', [batch, 3, crop / scale, crop / scale]);
  const image = [batch, 3, crop, crop];
  const target = input('target', image);
  const noise = input('noise', image);
  const sigma = input('sigma', [batch, 1, 1, 1]);
  const weight = input('weight', [batch, 1, 1, 1]);
  const t = input('t', [batch]);
  const restored = buildRestorer(
    restorer.network,
    restorer.config,
    frozenScope.child('restorer'),
    low,
  );
  const denoised = buildDenoiser(
    denoiser.network,
    denoiser.config,
    frozenScope.child('denoiser'),
    add(target, mul(noise, sigma)),
    sigma,
  );
  const estimate = network.build(config, scope, [restored, denoised, t]);
  const { maximum, law } = recipe.timesteps;
  const schedule = createSchedule();
  return {
    loss: buildLoss(recipe.loss, estimate, target, weight),
    trained: scope.declared(),
    frozen: new Map([...prefixed('restorer', restorer), ...prefixed('denoiser', denoiser)]),
    batch: async (photographs, step) => {
      const pairs = await reducedPairs(photographs, recipe, step);
      const deviates = tensor(image);
      fillNormal(deviates.data, seed, step, 0);
      const times = Float32Array.from({ length: batch }, (_, sample) => {
        const place = { seed, step, sample };
        return Math.min(maximum, Math.floor(drawBetween(place, 1, maximum + 1, law)));
      });
      const levels = times.map((time) => schedule.sigma[time]!);
      return {
        ...pairs,
        noise: deviates,
        sigma: tensor([batch, 1, 1, 1], levels),
        weight: tensor(
          [batch, 1, 1, 1],
          levels.map((level) => levelWeight(level, RESTORED_ERROR)),
        ),
        t: tensor([batch], times),
      };
    },
  };
}

function requireFusion(network: Network, config: unknown): void {
  const shapes = network.inputShapes(config, { batch: 1, height: 8, width: 8 });
  if (shapes.length !== 3 || shapes[2]!.length !== 1)
    throw new ParameterError('network', 'one that fuses two pictures at a timestep', network.name);
}

function prefixed(role: string, { weights }: Module): [string, Tensor][] {
  return [...weights].map(([name, value]) => [`${role}.${name}`, value]);
}
