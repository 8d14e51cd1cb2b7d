import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { decodeModule, type Module } from '../checkpoints/module-file.js';
import { ModelError } from '../tensor/errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { recipeNetwork } from './define.js';
import type { FrozenModules } from './kinds/kind.js';
import type { Recipe } from './recipe.js';
import type { ModuleDigests } from './run-folder.js';

/**
 * The frozen modules of a recipe, checked against their networks, and the digests of their files.
 * @throws ModelError where one is missing, damaged or lacks a parameter.
 */
export async function loadFrozen(
  recipe: Recipe,
): Promise<{ modules: FrozenModules; digests: ModuleDigests }> {
  if (recipe.kind !== 'fusion') return { modules: {}, digests: {} };
  const restorer = await loadModule(recipe.restorer);
  const denoiser = await loadModule(recipe.denoiser);
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
 * The weights of a module file, to start training a recipe's network from.
 * @throws ModelError where the file is no such module.
 */
export async function loadWeights(
  path: string,
  recipe: Recipe,
): Promise<ReadonlyMap<string, Tensor>> {
  const { module } = await loadModule(path);
  const { network, config } = recipeNetwork(recipe);
  if (module.network !== network || !isDeepStrictEqual(module.config, config))
    throw new ModelError(path, 'is of another network or configuration than the recipe', {
      expected: `${network.name} ${JSON.stringify(config)}`,
      received: `${module.network.name} ${JSON.stringify(module.config)}`,
    });
  return module.weights;
}

async function loadModule(path: string): Promise<{ module: Module; digest: string }> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ModelError(path, missing ? 'does not exist' : 'cannot be read', { cause });
  }
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { module: decodeModule(bytes, path), digest };
}
