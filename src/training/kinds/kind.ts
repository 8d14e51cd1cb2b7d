import type { Module } from '../../checkpoints/module-file.js';
import type { Feeds } from '../../engine/contract.js';
import type { ParameterAttributes, Value } from '../../graph/index.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Photographs } from '../photographs.js';

/** What a kind of training makes of its recipe. */
export interface TrainingDefinition {
  readonly loss: Value;
  readonly trained: ReadonlyMap<string, Value<ParameterAttributes>>;
  readonly frozen: ReadonlyMap<string, Tensor>;
  /** The inputs of step `step`, counted from 1: a function of the recipe's seed and the step. */
  batch(photographs: Photographs, step: number): Promise<Feeds>;
}

/** Frozen modules by the role they have. */
export type FrozenModules = Readonly<Partial<Record<'restorer' | 'denoiser', Module>>>;
