import type { Module } from '../../checkpoints/module-file.js';
import type { Feeds } from '../../engine/contract.js';
import type { ParameterAttributes, Value } from '../../graph/index.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Photographs } from '../photographs.js';

/** What a kind of training makes of its recipe. */
export interface TrainingDefinition {
  readonly loss: Value;
  /** The pictures [N, 3, S, S] that the network makes of the inputs. */
  readonly estimate: Value;
  readonly trained: ReadonlyMap<string, Value<ParameterAttributes>>;
  readonly frozen: ReadonlyMap<string, Tensor>;
  /**
   * The inputs of batch `part` of step `step`, the steps counted from 1 and the parts from 0: a
   * function of the recipe's seed and these two. Part p has the samples of one larger batch from
   * p times the recipe's `batch` on.
   */
  batch(photographs: Photographs, step: number, part?: number): Promise<Feeds>;
  /** What validation looks at one after the other, such as noise levels. */
  readonly levels: readonly ValidationLevel[];
  /** The inputs for one held-out picture; only where the recipe's batch is 1. */
  probe(sample: HeldOutSample, level: ValidationLevel): Feeds;
}

/** A condition under which a network is validated: `sigma` or `t` with its value, or none. */
export interface ValidationLevel {
  readonly name: string;
  readonly value: number;
}

/** A held-out picture [3, S, S], its degraded form where it is at hand, and where its noise lies. */
export interface HeldOutSample {
  readonly target: Tensor;
  readonly input?: Tensor;
  readonly seed: number;
  readonly index: number;
}

/** Frozen modules by the role they have. */
export type FrozenModules = Readonly<Partial<Record<'restorer' | 'denoiser', Module>>>;
