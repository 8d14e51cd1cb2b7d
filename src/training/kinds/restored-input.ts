import type { Feeds } from '../../graph/graph-runner.js';
import { input, type Value } from '../../graph/index.js';
import { InputError } from '../../tensor/errors.js';
import { integerAt } from '../../tensor/random.js';
import { tensor } from '../../tensor/tensor.js';
import type { Dataset } from '../custom.js';
import { DRAWS_PER_SAMPLE } from '../photographs/crops.js';
import type { Photographs } from '../photographs/photographs.js';
import type { RestoredPool } from '../pool/restored-pool.js';
import type { FusionRecipe } from '../recipe.js';
import { stack } from '../tasks/pictures.js';
import { taskBatch } from '../tasks/samples.js';
import type { TrainingTask } from '../tasks/task.js';
import type { HeldOutSample } from './kind.js';

/** Where a fusion network gets its restored pictures from. */
export interface RestoredInput {
  /** [N, 3, S, S] in sRGB. */
  readonly restored: Value;
  /** Whether they come restored, and not from the graph itself. */
  readonly before: boolean;
  /** What the graph is fed with for them, and their targets. */
  batch(photographs: Photographs, step: number, first: number): Promise<Feeds>;
  /** The same for a held-out picture, without the target. */
  probe(sample: HeldOutSample): Feeds;
}

/** Pictures that the frozen restorer restores in every step. */
export function restoredInGraph(
  { seed, batch, crop }: FusionRecipe,
  task: TrainingTask,
  { given, estimate, dataset }: { given: Value; estimate: Value; dataset: Dataset | undefined },
): RestoredInput {
  return {
    restored: estimate,
    before: false,
    batch: (photographs, step, first) =>
      taskBatch(task, photographs, { seed, step, first, count: batch, crop, dataset }),
    probe: ({ input: degraded }) => ({ [task.input.name]: tensor(given.shape, degraded!.data) }),
  };
}

const POOL_DRAW = 10;

/** Pictures that were restored once; every sample of a step is drawn from all of them. */
export function restoredInPool(
  { seed, batch, crop }: FusionRecipe,
  pool: RestoredPool | undefined,
): RestoredInput {
  const restored = input('restored', [batch, 3, crop, crop]);
  return {
    restored,
    before: true,
    batch: async (_, step, first) => {
      if (pool === undefined) throw new InputError('cache', 'there are no restored crops');
      const crops = Array.from({ length: batch }, (_, index) => {
        const place = (first + index) * DRAWS_PER_SAMPLE + POOL_DRAW;
        return pool.read(integerAt(seed, step, place, pool.count));
      });
      return {
        restored: stack(crops.map((one) => one.restored)),
        target: stack(crops.map((one) => one.target)),
      };
    },
    probe: (sample) => ({ restored: tensor(restored.shape, sample.restored!.data) }),
  };
}
