import type { ForwardOperator } from '../../degradation/operators/forward-operator.js';
import type { InputKind } from '../inputs/input-kind.js';

/** What a pack is made for. A new task is one object of this type, listed in `index.ts`. */
export interface Task {
  /** As manifests and the command line say it. */
  readonly name: string;
  /** In a few words, for help. */
  readonly title: string;
  /** What the restoration network takes, and how x_IR comes about from what it gives. */
  readonly input: InputKind;
  /** Pixels of the result for one of the input along each side that packs may have, the usual first. */
  readonly scales: readonly number[];
  /**
   * The degradation as a linear operator on results of height x width pixels, where it is known and
   * makes no noise: what `consistency` means.
   */
  readonly operator?: (scale: number, height: number, width: number) => ForwardOperator;
  /** What the paper samples with: a chain from tau on in so many evaluations. */
  readonly sampler: { readonly tau: number; readonly steps: number };
}
