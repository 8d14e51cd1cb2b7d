import type { DegradedInput } from './inputs/input-kind.js';
import type { Pack } from './pack.js';
import { requireInputKind } from './require-input-kind.js';
import { joinInput, type Restoration } from './restoration.js';

/**
 * Joins an input that gives tiles of one picture [1, 3, rows, columns] in [0, 1] with a pack.
 * @throws ModelError for a pack of another task.
 */
export function joinDegraded(input: DegradedInput, pack: Pack): Restoration {
  requireInputKind(pack, 'picture');
  return joinInput(pack, input);
}
