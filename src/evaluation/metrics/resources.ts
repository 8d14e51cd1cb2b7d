import type { PerceptualModule } from '../../checkpoints/perceptual/perceptual-module.js';
import type { GraphRunner } from '../../engine/contract.js';
import type { NaturalScenes } from './niqe/natural-scenes.js';
import type { Score } from './shared-scores.js';

/** What metrics are made of besides code. */
export interface MetricResources {
  /** What NIQE compares with. */
  naturalScenes(): Promise<NaturalScenes>;
  /**
   * The network that a metric's weights make.
   * @throws ModelError where they are not on this machine or damaged.
   */
  network(weights: NetworkWeights): Promise<PerceptualModule>;
  /** Where networks run. */
  runner(): Promise<GraphRunner>;
  /** Scores of single pictures that several metrics need, by what they depend on. */
  readonly scores: Map<string, Promise<Score>>;
}

/** The published files of a network that judges pictures. */
export interface NetworkWeights {
  /** The name of the network. */
  readonly network: string;
  /** Names in the catalogue; all are needed. */
  readonly files: readonly string[];
}
