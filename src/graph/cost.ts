import { sizeOf } from '../tensor/tensor.js';
import { isParameter } from './leaves.js';
import { topologicalOrder, type Value } from './value.js';

/** What a graph holds and does. */
export interface Cost {
  /** Trainable scalars; a shared parameter counts once. */
  readonly parameters: number;
  /**
   * Multiply-adds of convolutions and matrix products, one multiply-add counting once,
   * transposed convolutions by their input; elementwise work is not counted.
   */
  readonly macs: number;
}

/** Parameters and multiply-adds of everything that `outputs` depend on. */
export function cost(outputs: readonly Value[]): Cost {
  let parameters = 0;
  let macs = 0;
  for (const node of topologicalOrder(outputs)) {
    if (isParameter(node)) parameters += sizeOf(node.shape);
    macs += node.operator.macs?.(node) ?? 0;
  }
  return { parameters, macs };
}
