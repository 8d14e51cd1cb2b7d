import { sha256Of } from '../../files/fingerprint.js';
import type { GraphRunner } from '../../graph/graph-runner.js';
import { type GraphMemory, input, lowerWithMemory, ParameterScope } from '../../graph/index.js';
import { ModelError } from '../../tensor/errors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { Module } from '../../weights/module-file.js';
import type { TaskSample, TrainingTask } from '../tasks/task.js';
import type { RestoredCrop } from './restored-pool.js';

/** A frozen restorer that is ready to restore samples of a task. */
export interface Restoring {
  /**
   * Both pictures of a sample.
   * @throws ModelError where the restored one is not finite.
   */
  restore(sample: TaskSample): Promise<RestoredCrop>;
}

/**
 * Compiles a restorer for the samples of a task, one at a time: what becomes of a crop does not
 * depend on which others there are.
 * @throws as `TrainingTask.restore` and `GraphRunner.compile`.
 */
export async function openRestoring(
  task: TrainingTask,
  module: Module,
  runner: GraphRunner,
): Promise<Restoring> {
  const { name, shape } = task.input;
  const { model } = lowered(task, module);
  const key = `restorer ${sha256Of(model.bytes)}`;
  const compiled = await runner.compile(key, () => model.bytes);
  return {
    restore: async (sample) => {
      const outputs = await compiled.run({ [name]: tensor([1, ...shape], sample.input.data) });
      const { shape: made, data } = outputs.estimate as Tensor;
      if (!data.every(Number.isFinite))
        throw new ModelError(
          module.network.name,
          'what the restorer makes of a crop is not finite',
        );
      return {
        restored: task.toPicture(tensor(made.slice(1), data), sample),
        target: task.toPicture(sample.target, sample),
      };
    },
  };
}

/** What the graph of `openRestoring` takes. */
export function restorerMemory(task: TrainingTask, module: Module): GraphMemory {
  return lowered(task, module).memory;
}

function lowered(task: TrainingTask, { network, config, weights }: Module) {
  const given = input(task.input.name, [1, ...task.input.shape]);
  const { estimate } = task.restore(network, config, new ParameterScope(), given);
  return lowerWithMemory({ outputs: { estimate }, weights });
}
