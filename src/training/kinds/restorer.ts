import { add, input, ParameterScope, type Value } from '../../graph/index.js';
import type { ImageNetwork } from '../../networks/network.js';
import type { CustomParts } from '../custom-parts.js';
import type { TrainingDefinition } from '../definition.js';
import { buildObjective } from '../losses/reconstruction.js';
import type { RestorerRecipe } from '../recipe.js';
import { openTask } from '../tasks/index.js';
import { batchOf, taskBatch } from '../tasks/samples.js';
import type { TaskSample } from '../tasks/task.js';

/** Training of a restoration network on images that its task degrades. */
export function defineRestorer(
  recipe: RestorerRecipe,
  network: ImageNetwork,
  config: unknown,
  { dataset, loss }: CustomParts = {},
): TrainingDefinition {
  const { batch, crop, seed } = recipe;
  const task = openTask(recipe);
  const scope = new ParameterScope();
  const inBatch = (shape: readonly number[]): number[] => [batch, ...shape];
  const given = input(task.input.name, inBatch(task.input.shape));
  const target = input('target', inBatch([3, crop, crop]));
  const extras = Object.fromEntries(
    task.extras.map(({ name, shape }): [string, Value] => [name, input(name, inBatch(shape))]),
  );
  const restored = task.restore(network, config, scope, given);
  const { estimate, further } = restored;
  const { penalty, ...compared } = task.objective?.({ ...restored, target, extras }) ?? {
    estimate,
    target,
  };
  const error = buildObjective(recipe, compared, loss);
  return {
    loss: penalty === undefined ? error : add(error, penalty),
    estimate,
    ...(further === undefined ? {} : { further }),
    task,
    trained: scope.declared(),
    frozen: new Map(),
    batch: async (photographs, step, part = 0) =>
      taskBatch(task, photographs, {
        ...{ seed, step, first: part * batch, count: batch },
        ...{ crop, dataset },
      }),
    levels: [{ name: 'scale', value: task.scale }],
    probe: (sample) => batchOf(task, [sample as TaskSample]),
    image: (values, sample) => task.toImage(values, sample),
    shown: (sample) => task.shown(sample as TaskSample),
  };
}
