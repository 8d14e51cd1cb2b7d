import type { GraphRunner } from '../../graph/graph-runner.js';
import type {
  BlindMetric,
  ColourSpace,
  ImageMetric,
  Metric,
  MetricFacts,
  MetricSettings,
} from '../../metrics/metric.js';
import type { NaturalScenes } from '../../metrics/niqe.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { PerceptualModule } from '../../weights/module-file.js';
import { requireReference, type Score } from './perceptual.js';

/** A metric that can be asked for by name. */
export interface MetricDefinition {
  readonly name: string;
  /** One line on what it measures. */
  readonly title: string;
  /** 2 where an image is compared with its reference, 1 where it is judged alone. */
  readonly images: 1 | 2;
  /** Distance from the target, or how images look to people: the two that trade off (Blau and Michaeli 2018). */
  readonly judges: 'distortion' | 'perception';
  /** Which of them may be asked for; the first is what it is computed on otherwise. */
  readonly colourSpaces: readonly ColourSpace[];
  /** Measured where nobody says which metrics are wanted. */
  readonly usual: boolean;
  /** What it needs besides code. */
  readonly weights?: NetworkWeights;
  /** @throws ModelError where its weights are missing or damaged, ParameterError for settings. */
  open(settings: MetricSettings, resources: MetricResources): Promise<ImageMetric>;
}

/** A full-reference metric as one of any kind. */
export function ofPair(metric: Metric): ImageMetric {
  const { compute, ...facts } = metric;
  return {
    ...facts,
    images: 2,
    measure: async (test, reference) => compute(requireReference(facts.name, reference), test),
  };
}

/** A metric without reference as one of any kind. */
export function ofImage(metric: BlindMetric): ImageMetric {
  const { compute, ...facts } = metric;
  return { ...facts, images: 1, measure: async (test: Tensor) => compute(test) };
}

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
  /** Scores of single images that several metrics need, by what they depend on. */
  readonly scores: Map<string, Promise<Score>>;
}

/** A network that judges images, with what tells its weights from others. */
export interface NetworkOfMetric {
  readonly module: PerceptualModule;
  /** Names the weights: those of the catalogue, or a file and its fingerprint. */
  readonly source: string;
}

/** The published files of a network that judges images. */
export interface NetworkWeights {
  /** The name of the network. */
  readonly network: string;
  /** Names in the catalogue; all are needed. */
  readonly files: readonly string[];
}

/** A metric as results speak of it. */
export interface MetricColumn extends MetricFacts {
  /** Names its values in records. */
  readonly key: string;
  /** For people, such as `psnr Y, border 4`. */
  readonly label: string;
  /** True where figures are of sets of images: records have none. */
  readonly ofSets?: boolean;
}

/** A text that is the same exactly where the same images give the same value. */
export function metricKey({ name, colourSpace, border, version }: MetricFacts): string {
  return `${name} ${colourSpace} ${border} v${version}`;
}

/** The column of a metric; what it leaves out of the image stands in its label. */
export function metricColumn(facts: MetricFacts): MetricColumn {
  const { name, direction, range, unit, colourSpace, border, version } = facts;
  const space = colourSpace === 'luma' ? ' Y' : '';
  const edge = border === 0 ? '' : `, border ${border}`;
  return {
    ...{ name, direction, range, unit, colourSpace, border, version },
    key: metricKey(facts),
    label: `${name}${space}${edge}`,
  };
}
