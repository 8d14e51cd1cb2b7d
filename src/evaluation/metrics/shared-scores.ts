import type { Tensor } from '../../tensor/tensor.js';

/** The score of one picture. */
export type Score = (picture: Tensor) => Promise<number>;

/**
 * A score that is computed once for each picture, however many metrics ask for it: a target is
 * judged once beside all methods. Pictures are told apart as objects and not kept alive.
 */
export function remembered(score: Score): Score {
  const known = new WeakMap<Tensor, Promise<number>>();
  return (picture) => {
    const found = known.get(picture) ?? score(picture);
    known.set(picture, found);
    return found;
  };
}
