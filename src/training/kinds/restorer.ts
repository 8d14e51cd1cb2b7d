import { input, ParameterScope } from '../../graph/index.js';
import type { Network } from '../../networks/network.js';
import { buildRestorer } from '../../networks/roles.js';
import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import type { CustomParts } from '../custom.js';
import { buildObjective } from '../losses.js';
import type { RestorerRecipe } from '../recipe.js';
import { reduced, reducedPairs } from './degrade.js';
import type { TrainingDefinition } from './kind.js';

/** Training of a super-resolution network on bicubically reduced photographs. */
export function defineRestorer(
  recipe: RestorerRecipe,
  network: Network,
  config: unknown,
  { dataset, loss }: CustomParts = {},
): TrainingDefinition {
  const { batch, crop, scale } = recipe;
  if (crop % scale !== 0) throw new ParameterError('crop', `a multiple of scale ${scale}`, crop);
  if (network.scale(config) !== scale)
    throw new ParameterError('scale', `the network's own ${network.scale(config)}`, scale);
  const scope = new ParameterScope();
  const low = input('low', [batch, 3, crop / scale, crop / scale]);
  const target = input('target', [batch, 3, crop, crop]);
  const estimate = buildRestorer(network, config, scope, low);
  return {
    loss: buildObjective(recipe, { estimate, target }, loss),
    estimate,
    trained: scope.declared(),
    frozen: new Map(),
    batch: async (photographs, step, part = 0) => ({
      ...(await reducedPairs(photographs, recipe, step, { first: part * batch, dataset })),
    }),
    levels: [{ name: 'scale', value: scale }],
    probe: ({ target: picture, input: given }) => ({
      low: tensor(low.shape, (given ?? reduced(picture, scale)).data),
    }),
  };
}
