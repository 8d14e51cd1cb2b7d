import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '../../files/fingerprint.js';
import { sourceFiles } from '../photographs/source.js';
import type { FusionRecipe } from '../recipe.js';
import type { PoolContent } from './pool-file.js';

/** Changes whenever the same recipe makes other crops. */
const VERSION = 1;
const FOLDER = 'restored';
const EXTENSION = '.crops';

/** Where the restored crops of a recipe lie. */
export interface PoolPlace {
  readonly folder: string;
  /** Of the whole file; it is made under another name. */
  readonly path: string;
  readonly content: PoolContent;
}

/** Whether the restored crops of a recipe are kept. */
export function isPooled(recipe: FusionRecipe): boolean {
  return recipe.cache.samples > 0;
}

/**
 * The place of a recipe's restored crops. Its name is a digest of all that these depend on: the
 * restorer's weights, the task and its settings, crops and seed, and the photographs by name, size
 * and time.
 * @param restorer SHA-256 of the restorer's file.
 * @param output folder of the run, where nothing else is said.
 * @throws InputError where there are no photographs.
 */
export async function poolPlace(
  recipe: FusionRecipe,
  restorer: string,
  { output, cache = join(output, FOLDER) }: { readonly output: string; readonly cache?: string },
): Promise<PoolPlace> {
  const { crop, cache: settings } = recipe;
  const facts = [VERSION, restorer, dependedOn(recipe), await identityOf(recipe)];
  const key = sha256Of(JSON.stringify(facts));
  return {
    folder: cache,
    path: join(cache, `${key.slice(0, 32)}${EXTENSION}`),
    content: { key, count: settings.samples, crop },
  };
}

/** Whether a name is that of a whole or unfinished file of restored crops. */
export function isPoolName(name: string): boolean {
  return /^[0-9a-f]{32}\.crops(\.part)?$/.test(name);
}

function dependedOn(recipe: FusionRecipe): object {
  const { crop, seed, reductions, cache } = recipe;
  const common = { crop, seed, reductions, samples: cache.samples };
  switch (recipe.task) {
    case 'sr4':
      return { ...common, task: 'sr4', scale: recipe.scale };
    case 'deblur':
      return { ...common, task: 'deblur', degradation: recipe.degradation ?? 'pairs' };
    case 'burst':
      return { ...common, task: 'burst', scale: recipe.scale, burst: recipe.burst };
  }
}

async function identityOf(recipe: FusionRecipe): Promise<unknown[]> {
  const { files, degraded = [] } = await sourceFiles(recipe);
  const facts: unknown[] = [];
  for (const file of [...files, ...degraded]) {
    // One that has gone is told of when it is met.
    const { size, mtimeMs } = await stat(file).catch(() => ({ size: -1, mtimeMs: 0 }));
    facts.push([file, size, mtimeMs]);
  }
  return facts;
}
