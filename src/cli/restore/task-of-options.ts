import { findPack } from '../../app/packs/find-pack.js';
import { DEFAULT_PACK } from '../../app/restore/restore-request.js';
import type { TaskName } from '../../restoration/index.js';
import type { RestoreCliOptions } from './restore-options.js';

/**
 * The task that is asked for, or else that of the pack.
 * @throws ModelError where the pack's manifest is damaged.
 */
export async function taskOfOptions({
  task,
  model,
}: Pick<RestoreCliOptions, 'task' | 'model'>): Promise<TaskName> {
  if (task !== undefined) return task;
  const found = model === undefined ? undefined : await findPack(model);
  return found?.manifest.task ?? DEFAULT_PACK;
}
