import type { GraphRunner } from '../../graph/graph-runner.js';
import type { PerceptualModule } from '../../weights/module-file.js';
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
  network(weights: NetworkWeights): Promise<NetworkOfMetric>;
  /** Where networks run. */
  runner(): Promise<GraphRunner>;
  /** Scores of single pictures that several metrics need, by what they depend on. */
  readonly scores: Map<string, Promise<Score>>;
}

/** A network that judges pictures, with what tells its weights from others. */
export interface NetworkOfMetric {
  readonly module: PerceptualModule;
  /** Names the weights: those of the catalogue, or a file and its fingerprint. */
  readonly source: string;
}

/** The published files of a network that judges pictures. */
export interface NetworkWeights {
  /** The name of the network. */
  readonly network: string;
  /** Names in the catalogue; all are needed. */
  readonly files: readonly string[];
}
