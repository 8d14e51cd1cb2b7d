import { parseConfiguration } from '../networks/configuration.js';
import type { Network } from '../networks/network.js';
import { findNetwork, networks } from '../networks/registry.js';
import { ModelError, ParameterError } from '../tensor/errors.js';
import type { CustomParts } from './custom.js';
import { defineDenoiser } from './kinds/denoiser.js';
import { defineFusion } from './kinds/fusion.js';
import type { FrozenModules, TrainingDefinition } from './kinds/kind.js';
import { defineRestorer } from './kinds/restorer.js';
import type { RestoredPool } from './pool/restored-pool.js';
import type { Recipe } from './recipe.js';

/**
 * A recipe's network with its configuration, checked and completed.
 * @param own networks besides the registered ones; they go first.
 */
export function recipeNetwork(
  recipe: Recipe,
  own: readonly Network[] = [],
): { network: Network; config: unknown } {
  const network = own.find(({ name }) => name === recipe.network) ?? findNetwork(recipe.network);
  if (network === undefined) {
    const known = [...own, ...networks].map(({ name }) => name).join(', ');
    throw new ParameterError('recipe.network', `one of ${known}`, recipe.network);
  }
  return { network, config: parseConfiguration(network, recipe.config) };
}

/**
 * The graph and the batches of a recipe.
 * @param pool restored crops of a fusion recipe that keeps them; only its batches need them.
 * @throws ParameterError where its entries do not fit each other; ModelError where a frozen module
 * is missing.
 */
export function defineTraining(
  recipe: Recipe,
  modules: FrozenModules,
  custom: CustomParts = {},
  pool?: RestoredPool,
): TrainingDefinition {
  const { network, config } = recipeNetwork(recipe, custom.networks);
  switch (recipe.kind) {
    case 'restorer':
      return defineRestorer(recipe, network, config, custom);
    case 'denoiser':
      return defineDenoiser(recipe, network, config, custom);
    case 'fusion': {
      const { restorer, denoiser } = modules;
      if (restorer === undefined || denoiser === undefined)
        throw new ModelError('fusion', 'needs a restorer and a denoiser to be trained between');
      return defineFusion(recipe, network, config, { restorer, denoiser, pool }, custom);
    }
  }
}
