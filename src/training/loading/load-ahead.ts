import type { FrozenModules, TrainingDefinition } from '../kinds/kind.js';
import { photographsMemory } from '../photographs/photographs.js';
import type { PoolPlace } from '../pool/pool-place.js';
import type { Recipe } from '../recipe.js';
import { startLoader } from './batch-loader.js';
import { outlineOf } from './outline.js';

/** A definition whose batches are made ahead, until it is closed. */
export interface LoadedDefinition {
  readonly definition: TrainingDefinition;
  close(): Promise<void>;
}

/**
 * Lets threads make the batches of a recipe's definition; those that are asked for before the
 * threads have started are made in place. The batches are the same in either case.
 * @param settings.workers number of threads; with 0 nothing changes.
 */
export function loadAhead(
  definition: TrainingDefinition,
  recipe: Recipe,
  {
    modules,
    pool,
    workers,
  }: {
    readonly modules: FrozenModules;
    /** Where restored crops will lie. */
    readonly pool?: PoolPlace | undefined;
    readonly workers: number;
  },
): LoadedDefinition {
  if (workers === 0) return { definition, close: async () => undefined };
  const task = {
    recipe,
    modules: outlineOf(modules),
    cacheBytes: photographsMemory(),
    ...(pool === undefined ? {} : { pool }),
  };
  const loader = startLoader(task, workers, recipe.accumulate);
  return {
    definition: {
      ...definition,
      batch: (photographs, step, part = 0) =>
        loader.ready ? loader.batch({ step, part }) : definition.batch(photographs, step, part),
    },
    close: () => loader.close(),
  };
}
