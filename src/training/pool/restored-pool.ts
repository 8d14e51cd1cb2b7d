import type { Tensor } from '../../tensor/tensor.js';

/** A crop as the frozen restorer restored it, and as it should be: sRGB pictures [3, S, S]. */
export interface RestoredCrop {
  readonly restored: Tensor;
  readonly target: Tensor;
}

/** Crops that were restored once, so that steps need not do it again. */
export interface RestoredPool {
  readonly count: number;
  /** @throws InputError where the crop is not there or damaged. */
  read(index: number): RestoredCrop;
}
