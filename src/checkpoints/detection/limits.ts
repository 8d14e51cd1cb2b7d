import type { StateShapes } from '../../networks/network.js';
import { ModelError } from '../../tensor/errors.js';

/** Ten times as many tensors as the largest of the published networks has. */
export const MOST_KEYS = 10_000;
const LONGEST_KEY = 512;
const MOST_DIMENSIONS = 8;

/**
 * Checks that a state dictionary is one that a network could have, before anything is built from
 * it. No tensor may be empty: shapes with a zero in them can claim any width without having a byte.
 * @throws ModelError that names the first tensor at fault.
 */
export function requireModestState(state: StateShapes, file: string): void {
  if (state.size === 0) throw new ModelError(file, 'holds no tensors');
  if (state.size > MOST_KEYS)
    throw new ModelError(file, `holds ${state.size} tensors, more than ${MOST_KEYS}`);
  for (const [key, shape] of state) {
    const shown = JSON.stringify(key.slice(0, LONGEST_KEY));
    if (key.length > LONGEST_KEY)
      throw new ModelError(file, `a tensor's name has ${key.length} characters: ${shown}…`);
    if (shape.length > MOST_DIMENSIONS)
      throw new ModelError(file, `the tensor ${shown} has ${shape.length} dimensions`);
    if (!shape.every((extent) => Number.isSafeInteger(extent) && extent > 0))
      throw new ModelError(file, `the tensor ${shown} of shape [${shape}] is empty`);
  }
}
