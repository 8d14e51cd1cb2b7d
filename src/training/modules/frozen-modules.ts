import { sha256Of } from '../../files/fingerprint.js';
import { readWeights } from '../../files/input-file.js';
import type { Network } from '../../networks/network.js';
import { findNetwork } from '../../networks/registry.js';
import { ModelError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import {
  declaredParameters,
  decodeModule,
  type Module,
  requireWeights,
} from '../../weights/module-file.js';
import { recipeNetwork } from '../define.js';
import type { FrozenModules } from '../kinds/kind.js';
import type { Recipe } from '../recipe.js';
import type { ModuleDigests } from '../run/run-folder.js';

/**
 * The frozen modules of a recipe, checked against their networks, and the digests of their files.
 * @throws ModelError where one is missing, damaged or lacks a parameter.
 */
export async function loadFrozen(
  recipe: Recipe,
  own: readonly Network[] = [],
): Promise<{ modules: FrozenModules; digests: ModuleDigests }> {
  if (recipe.kind !== 'fusion') return { modules: {}, digests: {} };
  const restorer = await loadModule(recipe.restorer, own);
  const denoiser = await loadModule(recipe.denoiser, own);
  return {
    modules: { restorer: restorer.module, denoiser: denoiser.module },
    digests: { restorer: restorer.digest, denoiser: denoiser.digest },
  };
}

/**
 * Checks that a run goes on between the modules it began with.
 * @throws ModelError that names the first other one.
 */
export function requireSameModules(
  before: ModuleDigests,
  now: ModuleDigests,
  recipe: Recipe,
): void {
  for (const [role, digest] of Object.entries(before))
    if (now[role] !== digest)
      throw new ModelError(
        recipe.kind === 'fusion' && role in recipe ? recipe[role as 'restorer'] : role,
        `is not the ${role} that this run began with`,
        { expected: `SHA-256 ${digest}`, received: String(now[role]) },
      );
}

/**
 * The weights of a module file, to start training a recipe's network from. Its configuration may
 * be another one as long as every parameter has the shape that the recipe's has. It may even be a
 * module of another network that the recipe's is built around: all its parameters must be among the
 * recipe's, and those that it lacks start as in any other run.
 * @throws ModelError where the file is of a network that is no part of the recipe's, or by the first
 * parameter that is missing, has another shape or is none of the recipe's.
 */
export async function loadWeights(
  path: string,
  recipe: Recipe,
  own: readonly Network[] = [],
): Promise<ReadonlyMap<string, Tensor>> {
  const { module } = await loadModule(path, own);
  const { network, config } = recipeNetwork(recipe, own);
  if (module.network.name === network.name) requireWeights(network, config, module.weights, path);
  else requirePart(module, network, config, path);
  return module.weights;
}

/** @throws ModelError that names the first parameter of a module that the network has not as such. */
function requirePart(part: Module, network: Network, config: unknown, path: string): void {
  const declared = declaredParameters(network, config);
  for (const [name, { shape }] of part.weights) {
    const wanted = declared.get(name)?.shape;
    if (wanted?.join() === shape.join()) continue;
    const fault = wanted === undefined ? `${network.name} has no ${name}` : `${name} is [${shape}]`;
    throw new ModelError(
      path,
      `is of another network than the recipe's, and no part of it: ${fault}`,
      {
        expected: wanted === undefined ? `parameters of ${network.name}` : `${name} [${wanted}]`,
        received: `${part.network.name} with ${name} [${shape}]`,
      },
    );
  }
}

async function loadModule(
  path: string,
  own: readonly Network[],
): Promise<{ module: Module; digest: string }> {
  const bytes = await readWeights(path);
  const find = (name: string) => own.find((network) => network.name === name) ?? findNetwork(name);
  return { module: decodeModule(bytes, path, find), digest: sha256Of(bytes) };
}
