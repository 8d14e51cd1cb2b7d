import type { StateShapes } from './network.js';

/** More layers in a row than any network has. */
const MOST_LAYERS = 256;

/** The shape of a tensor of a state dictionary, where it is there with that many dimensions. */
export function shapeOf(
  state: StateShapes,
  key: string,
  dimensions: number,
): readonly number[] | undefined {
  const shape = state.get(key);
  return shape?.length === dimensions ? shape : undefined;
}

/** How many of the keys that `key` makes of 0, 1, 2, … are there before the first that is not. */
export function countLayers(state: StateShapes, key: (index: number) => string): number {
  let count = 0;
  while (count < MOST_LAYERS && state.has(key(count))) count += 1;
  return count;
}
