import type { CompiledGraph, Lane } from '../../graph/graph-runner.js';
import type { AdamFactors, GradientGraph, TrainingStep } from '../../graph/index.js';
import type { TrainingDefinition } from '../kinds/kind.js';
import type { Photographs } from '../photographs/photographs.js';
import type { Recipe } from '../recipe.js';
import type { TrainingState } from './state.js';
import type { Updater } from './updating/updater.js';

interface Shared {
  readonly recipe: Recipe;
  readonly definition: TrainingDefinition;
  readonly photographs: Photographs;
}

/** What every step of a run shares. */
export type StepContext = Shared &
  (
    | {
        /** A step of one batch, in one graph. */
        readonly step: TrainingStep;
        readonly compiled: CompiledGraph;
      }
    | {
        /** The gradients of one of several batches. */
        readonly step: GradientGraph;
        /** Copies of that graph that may run at the same time. */
        readonly lanes: readonly Lane[];
        /** Adds them up and updates the state. */
        readonly updater: Updater;
      }
  );

/** What a step gives. */
export interface StepOutcome {
  readonly state: TrainingState;
  readonly loss: number;
  readonly learningRate: number;
  /** Milliseconds that the batch took to be made. */
  readonly making: number;
}

/** Numbers of a step that its update takes. */
export interface StepFactors extends AdamFactors {
  readonly averageDecay: number;
  /** Learning rate x weight decay. */
  readonly decay: number;
}
